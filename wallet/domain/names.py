"""The names of people and places, as they are typed: one spelling of each, and nothing that pretends to be another."""

import re
import unicodedata

from wallet.errors import refuse
from wallet.i18n import gettext as _

NAME_MAX = 64
# Joiners that some scripts need inside a word; every other invisible character is refused.
JOINERS = frozenset("\u200c\u200d")
SortKey = tuple[tuple[str, int], ...]


def read_name(typed: str) -> str:
    """Give the one spelling of a name: composed, spaces single, none around it.

    Raises: Refusal bad_form, for one that is empty, too long, begins like a formula or holds what cannot be seen.
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    seen = not any(unicodedata.category(each)[0] == "C" and each not in JOINERS for each in name)
    if not 1 <= len(name) <= NAME_MAX or unicodedata.category(name[0])[0] not in "LN" or not seen:
        raise refuse(
            "bad_form",
            _(
                "Write a name that others can read, with a letter or a figure first and at most %(most)s characters. "
                "Nothing was changed.",
                most=NAME_MAX,
            ),
        )
    return name


def visible(typed: str) -> str:
    """Give what somebody typed with a mark in place of everything that cannot be seen, as a mirrored run of letters."""
    return "".join("\ufffd" if unicodedata.category(each)[0] == "C" else each for each in typed)


def folded(name: str) -> str:
    """Give what two spellings of the same name share, to find one that is there twice."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def searchable(name: str) -> str:
    """Give what a name is searched by: folded, and without its accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", folded(name)) if not unicodedata.combining(each))


def sort_key(name: str) -> SortKey:
    """Give what names are sorted by: folded, and Counter 2 before Counter 10."""
    return tuple((text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", folded(name)))


def slug_from(name: str) -> str:
    """Make a slug to propose for a co-op of this name: plain small letters, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in plain if each.isascii())
    return "-".join(kept.split())[:40].strip("-") or "co-op"
