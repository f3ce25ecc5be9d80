"""The names of people and places, as they are typed: one spelling of each, and nothing that pretends to be another."""

import re
import unicodedata

from wallet.errors import refuse
from wallet.i18n import gettext as _

NAME_MAX = 64
# Joiners that some scripts need inside a word; every other invisible character is refused.
JOINERS = frozenset("\u200c\u200d")
# What counts as letters and signs, and is drawn as nothing or as a space.
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# What turns the letters after it around, so that they are read as others. Marks and joiners of a script do not.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Marks that choose a form of what stands before them: most are drawn alike without.
_FORMS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
SortKey = tuple[tuple[str, int], ...]


def read_name(typed: str) -> str:
    """Give the one spelling of a name: composed, spaces single, none around it.

    Raises: Refusal bad_form, for one that is empty, too long, begins like a formula or holds what cannot be seen.
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    seen = not any(_is_hidden(each) and each not in JOINERS for each in name)
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
    return "".join("\ufffd" if _is_hidden(each) else each for each in typed)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or character in FILLERS


def legible(typed: str) -> str:
    """Give what somebody typed without the spaces around it; nothing, where nothing of it can be seen."""
    seen = any(unicodedata.category(each)[0] in "LNPS" and each not in FILLERS for each in typed)
    return typed.strip() if seen else ""


def is_turned(typed: str) -> bool:
    """Tell whether hidden characters turn letters around in what somebody typed."""
    return _TURNING.search(typed) is not None


def folded(name: str) -> str:
    """Give what two spellings of the same name share, to find one that is there twice."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def searchable(name: str) -> str:
    """Give what a name is searched by, and two that are read alike share: folded, without accents and joiners."""
    plain = _FORMS.sub("", unicodedata.normalize("NFKD", folded(name)))
    return "".join(each for each in plain if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")


def words_of(typed: str) -> tuple[str, ...]:
    """Give the words that somebody looks for, as `has_words` takes them."""
    return tuple(searchable(typed).split())


def has_words(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether a text holds every one of `words`, whatever its case and accents."""
    there = searchable(text)
    return all(word in there for word in words)


def sort_key(name: str) -> SortKey:
    """Give what names are sorted by: folded, and Counter 2 before Counter 10."""
    return tuple((text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", folded(name)))


def initials(name: str) -> str:
    """Give one or two letters for a round mark: `GO` for Gus van Orth."""
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def slug_from(name: str) -> str:
    """Make a slug to propose for a co-op of this name: plain small letters, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in plain if each.isascii())
    return "-".join(kept.split())[:40].strip("-") or "co-op"
