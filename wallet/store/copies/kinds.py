"""What a copy of a database looks like from outside."""

from pathlib import Path

BEGINNINGS = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}


class CannotCopy(Exception):
    """Say in one line why a database was not copied, or not brought back."""


def kind_of(file: Path) -> str:
    """Tell by its first bytes which kind of database a copy was made of.

    Raises: CannotCopy.
    """
    try:
        with file.open("rb") as opened:
            first = opened.read(16)
    except OSError as error:
        raise CannotCopy(f"{file} cannot be read: {error.strerror}.") from None
    for beginning, kind in BEGINNINGS.items():
        if first.startswith(beginning):
            return kind
    raise CannotCopy(f"{file} is not a backup of a wallet.")
