"""Static files: the copied QR decoder, one file of all styles, compressed twins, the version in every address."""

import filecmp
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent

# What of each package reaches a browser: nothing else of node_modules is ever served.
COPIED: dict[str, tuple[str, ...]] = {"qr": ("decode.js", "index.js", "LICENSE", "LICENSE-MIT")}
# The style sheets of every page, in the order of their layers.
STYLES = tuple(
    f"css/{name}.css"
    for name in (
        "tokens", "base", "layout", "components/marks", "components/buttons", "components/cards", "components/forms",
        "components/share", "components/bills", "components/keypad", "screens/member", "screens/till", "screens/shift",
        "screens/desk", "utilities",
    )
)  # fmt: skip
# All of them in one: over HTTP/1.1 fifteen files are three rounds of a slow network, and a page shows after the last.
ALL_STYLES = "built/wallet.css"
COMPRESSIBLE = {".css", ".js", ".json", ".svg", ".webmanifest"}
TWIN = ".gz"
VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Built:
    """Tell what a build did: the files copied, the packages that were not there, and the version it made."""

    copied: tuple[str, ...]
    missing: tuple[str, ...]
    version: str


def build(root: Path = ROOT) -> Built:
    """Copy the packages' files below static/vendor/, put the styles into one file and write gzip twins of text files.

    A package that is not there is named, not fatal: scanning falls back to what the browser has and to typed codes.
    """
    static = root / "static"
    copied: list[str] = []
    missing: list[str] = []
    for package, names in COPIED.items():
        source, target = root / "node_modules" / package, static / "vendor" / package
        if all((source / name).is_file() for name in names):
            copied += [f"vendor/{package}/{name}" for name in names if _copy(source / name, target / name)]
        elif not has(package, names, static):
            missing.append(package)
    _put_together(static)
    for path in _own_files(static):
        if path.suffix in COMPRESSIBLE:
            _compress(path)
    discard_stale(static)
    return Built(tuple(copied), tuple(missing), version(static))


def has(package: str, names: tuple[str, ...], static: Path = ROOT / "static") -> bool:
    """Tell whether the files of a package can be sent."""
    return all((static / "vendor" / package / name).is_file() for name in names)


def version(static: Path) -> str:
    """Give the name of exactly these static files: any change to any of them gives another."""
    digest = hashlib.sha256()
    for path in _own_files(static):
        for part in (path.relative_to(static).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:VERSION_LENGTH]


def styles(static: Path = ROOT / "static") -> tuple[str, ...]:
    """Name the style sheets that a page links to: the one that was built of them as they are, else each."""
    return (ALL_STYLES,) if _is_whole(static) else STYLES


def discard_stale(static: Path) -> None:
    """Delete each compressed twin whose file has changed or gone since it was written."""
    for twin in static.rglob(f"*{TWIN}"):
        source = twin.with_suffix("")
        if not source.is_file() or source.stat().st_mtime_ns != twin.stat().st_mtime_ns:
            with suppress(OSError):  # on a read-only disk nothing changes either
                twin.unlink()


def _own_files(static: Path) -> Iterator[Path]:
    return (path for path in sorted(static.rglob("*")) if path.is_file() and path.suffix != TWIN)


def _all_styles(static: Path) -> bytes | None:
    files = [static / style for style in STYLES]
    return b"\n".join(file.read_bytes() for file in files) if all(file.is_file() for file in files) else None


def _is_whole(static: Path) -> bool:
    whole = static / ALL_STYLES
    return whole.is_file() and whole.read_bytes() == _all_styles(static)


def _put_together(static: Path) -> None:
    together = _all_styles(static)
    if together is None or _is_whole(static):
        return
    (static / ALL_STYLES).parent.mkdir(exist_ok=True)
    (static / ALL_STYLES).write_bytes(together)


def _copy(source: Path, target: Path) -> bool:
    # A file that is the same already is left alone: a server may be sending it.
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def _compress(path: Path) -> None:
    twin, stat = path.with_name(path.name + TWIN), path.stat()
    if twin.is_file() and twin.stat().st_mtime_ns == stat.st_mtime_ns:
        return
    # mtime=0: the same file gives the same bytes, whenever it is built.
    twin.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))
    os.utime(twin, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@click.group("assets")
def commands() -> None:
    """Prepare the static files."""


@commands.command("build")
def build_command() -> None:
    """Copy the QR decoder to static/vendor/, put the styles into one file, and compress the static files."""
    built = build()
    click.echo(f"static files: version {built.version}, {len(built.copied)} copied")
    for package in built.missing:
        click.echo(
            f"static files: {package} is not in node_modules (run `npm ci`); scanning uses the browser's own reader"
        )
