"""What a fake camera sees, and what an independent decoder reads off a screen."""

import io
from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 15
# Chromium plays the file round and round.
FRAMES = 2
NO_COLOUR = b"\x80" * (WIDTH * HEIGHT // 2)


def film(png: bytes, path: Path) -> Path:
    """Write a video of one still picture, as a camera that is held to it would see it; give its path."""
    picture = ImageOps.contain(Image.open(io.BytesIO(png)).convert("L"), (WIDTH - 40, HEIGHT - 40))
    scene = Image.new("L", (WIDTH, HEIGHT), 150)
    scene.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    frame = b"FRAME\n" + scene.tobytes() + NO_COLOUR
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(head.encode() + frame * FRAMES)
    return path


def code_of(text: str) -> bytes:
    """Draw `text` as a QR code, as somebody might paste it over a till's."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = io.BytesIO()
    Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=8)).save(drawn, "PNG")
    return drawn.getvalue()


def read_off(png: bytes) -> str:
    """Decode the QR code in a picture of a screen."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    assert len(found) == 1, f"one code was expected on the screen, {len(found)} were found"
    assert found[0].format == zxingcpp.BarcodeFormat.QRCode
    return str(found[0].text)
