"""QR codes as SVG: one path, black on white, with the quiet zone that cameras need."""

from functools import lru_cache

from markupsafe import Markup
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4


@lru_cache(maxsize=256)
def svg(text: str, label: str = "") -> Markup:
    """Draw `text` as an SVG element named `label` for those who hear the page."""
    path, side = _path(text)
    named = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" '
        'shape-rendering="crispEdges" {named}>'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    ).format(side=side, named=named, path=path)


def _path(text: str) -> tuple[str, int]:
    """Give the dark modules as one path of runs, and the side in modules."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return "".join(runs), len(rows)
