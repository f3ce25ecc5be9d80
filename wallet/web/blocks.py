"""The blocks of co-ops: squares of 48 units drawn from triangles, quarter discs and half discs in flat inks."""

from functools import lru_cache
from hashlib import sha256

Block = tuple[tuple[str, str], ...]

GROUND = "M0 0h48v48H0z"

# Drawn by hand, so that neighbours differ in outline and not only in ink.
NAMED: dict[str, Block] = {
    "sprout": (
        ("leek-pale", GROUND),
        (
            "leek",
            "M0 0a24 24 0 0 1 24 24A24 24 0 0 1 0 0zM48 0a24 24 0 0 1-24 24A24 24 0 0 1 48 0z"
            "M0 24h24v24A24 24 0 0 1 0 24z",
        ),
        ("rye", "M48 24H24v24a24 24 0 0 0 24-24z"),
    ),
    "pinwheel": (("slate-pale", GROUND), ("rye", "M24 24V0l24 0zM24 24v24H0z"), ("slate", "M24 24h24v24zM24 24H0V0z")),
    "loaves": (
        ("rye", GROUND),
        ("brick", "M0 24a12 12 0 0 1 24 0zM24 24a12 12 0 0 1 24 0zM0 48a12 12 0 0 1 24 0zM24 48a12 12 0 0 1 24 0z"),
        ("rye-pale", "M0 0h48v6H0z"),
    ),
    "wheel": (
        ("slate-pale", GROUND),
        ("slate", "M24 0a24 24 0 0 1 0 48 24 24 0 0 1 0-48z"),
        ("sheet", "M24 6a18 18 0 0 1 18 18H24zM24 42A18 18 0 0 1 6 24h18z"),
        ("rye", "M24 18a6 6 0 0 1 0 12 6 6 0 0 1 0-12z"),
    ),
    "peaks": (
        ("beet-pale", GROUND),
        ("beet", "M0 24 12 0l12 24zM24 24 36 0l12 24zM0 48l12-24 12 24zM24 48l12-24 12 24z"),
        ("ink", "M6 48l6-12 6 12zM30 48l6-12 6 12z"),
    ),
    "gable": (
        ("rye-pale", GROUND),
        ("brick", "M0 0h24L0 24zM48 48H24l24-24z"),
        ("ink", "M24 0h24v24zM24 48H0V24z"),
        ("rye", "M24 12l12 12-12 12-12-12z"),
    ),
    "hearth": (
        ("rye-pale", GROUND),
        ("brick", "M0 48a24 24 0 0 1 48 0z"),
        ("rye", "M8 48a16 16 0 0 1 32 0z"),
        ("brick-pale", "M16 48a8 8 0 0 1 16 0z"),
        ("brick", "M21 0h6v16h-6zM0 10l5-4 9 11-5 4zM48 10l-5-4-9 11 5 4z"),
    ),
    "shelves": (
        ("sheet", GROUND),
        ("beet", "M0 0h48v9H0zM0 18h30v9H0z"),
        ("slate", "M39 9h9v39h-9zM0 36h30v12H0z"),
        ("rye", "M30 18h9v30h-9z"),
    ),
    "petals": (
        ("leek-pale", GROUND),
        ("leek", "M24 24a12 12 0 0 1 0-24 12 12 0 0 1 0 24zM24 48a12 12 0 0 1 0-24 12 12 0 0 1 0 24z"),
        ("beet", "M24 24a12 12 0 0 1-24 0 12 12 0 0 1 24 0zM48 24a12 12 0 0 1-24 0 12 12 0 0 1 24 0z"),
    ),
    "waves": (
        ("slate", GROUND),
        (
            "slate-pale",
            "M0 12a12 12 0 0 1 24 0 12 12 0 0 0 24 0v12a12 12 0 0 1-24 0 12 12 0 0 0-24 0z"
            "M0 36a12 12 0 0 1 24 0 12 12 0 0 0 24 0v12H0z",
        ),
    ),
    "pennants": (
        ("ink", GROUND),
        ("rye", "M0 0h24l-12 24H0zM24 0h24L36 24H12zM12 24h24L24 48H0z"),
        ("brick", "M36 24h12v24H24z"),
    ),
    "roofs": (
        ("brick-pale", GROUND),
        ("beet", "M0 24 12 8l12 16v24H0z"),
        ("brick", "M24 24 36 8l12 16v24H24z"),
        ("rye", "M8 32h8v16H8zM32 32h8v16h-8z"),
    ),
    "moon": (
        ("ink", GROUND),
        ("rye-pale", "M24 6a18 18 0 0 1 0 36 18 18 0 0 1 0-36z"),
        ("ink", "M33 3a16 16 0 0 1 0 32 16 16 0 0 1 0-32z"),
        ("brick", "M0 48a12 12 0 0 1 12-12v12zM48 48a12 12 0 0 0-12-12v12z"),
    ),
    "stairs": (
        ("leek-pale", GROUND),
        ("slate", "M0 36h12V24h12V12h12V0h12v48H0z"),
        ("leek", "M0 0h24A24 24 0 0 1 0 24z"),
        ("rye", "M36 36h12v12H36z"),
    ),
}

# Ground and two inks that read well on it.
PALETTES = (
    ("leek-pale", "leek", "beet"),
    ("rye-pale", "brick", "ink"),
    ("slate-pale", "slate", "rye"),
    ("beet-pale", "beet", "ink"),
    ("brick-pale", "brick", "slate"),
    ("rye-pale", "leek", "brick"),
    ("slate-pale", "ink", "brick"),
    ("sheet", "beet", "rye"),
    ("ink", "rye", "brick"),
)
# Each fills a cell of 24 units that begins at its corner; three numbers are that corner's x, y and the cell's turn.
CORNERS = ((0, 0), (24, 0), (24, 24), (0, 24))
TRIANGLES = ("M{x} {y}h24l-24 24z", "M{x} {y}h24v24z", "M{r} {y}v24h-24z", "M{x} {y}v24h24z")
QUARTERS = (
    "M{x} {y}h24a24 24 0 0 1-24 24z",
    "M{r} {y}v24a24 24 0 0 1-24-24z",
    "M{r} {b}h-24a24 24 0 0 1 24-24z",
    "M{x} {b}v-24a24 24 0 0 1 24 24z",
)
HALVES = (
    "M{x} {y}h24a12 12 0 0 1-24 0z",
    "M{r} {y}v24a12 12 0 0 1 0-24z",
    "M{r} {b}h-24a12 12 0 0 1 24 0z",
    "M{x} {b}v-24a12 12 0 0 1 0 24z",
)
SHAPES = (TRIANGLES, QUARTERS, HALVES)


@lru_cache(maxsize=1024)
def block(spec: str) -> Block:
    """Give the paths of a block, each with its ink: a named one, else the one that `spec` always gives."""
    return NAMED.get(spec) or _composed(sha256(spec.encode()).digest())


def _composed(digest: bytes) -> Block:
    """Compose four cells: opposite ones share a shape and an ink, each turned a quarter further."""
    ground, first, second = PALETTES[digest[0] % len(PALETTES)]
    paths = []
    for cell, (x, y) in enumerate(CORNERS):
        pair = cell % 2
        shapes = SHAPES[digest[1 + pair] % len(SHAPES)]
        turn = (digest[3 + pair] + (cell if digest[5] % 2 else 2 * cell)) % 4
        ink = second if pair else first
        paths.append((ink, shapes[turn].format(x=x, y=y, r=x + 24, b=y + 24)))
    return ((ground, GROUND), *paths)
