"""Sentences for people, in the language that is spoken now.

Every sentence passes through here, from Python and from templates. Sentences are written in English, which is spoken
until another language is used: `wallet/web/language.py` makes them and uses one for each reader.
"""

import re
import unicodedata
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from typing import Any

MINUS = "−"
# Keeps a sign before its figure where the words around it run from right to left.
LEFT_TO_RIGHT_MARK = "\u200e"
NARROW_SPACE = "\u202f"
# Between these, letters that run from right to left leave the order of what stands around them alone.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
END_OF_SENTENCE = re.compile(rf"(?<=\.) (?![^{FIRST_STRONG_ISOLATE}]*{POP_ISOLATE})")
FROM_RIGHT = {"R", "AL"}


class Language:
    """Speak English, as sentences are written; a language of its own says what is otherwise in it."""

    # As HTML's `lang` and `dir` want them.
    tag = "en"
    direction = "ltr"

    def sentence(self, written: str) -> str:
        """Give a sentence with its gaps."""
        return written

    def counted(self, one: str, many: str, num: int) -> str:
        """Give the sentence for `num` things with its gaps."""
        return one if num == 1 else many

    def with_two_places(self, figure: Decimal) -> str:
        """Write a figure that is not negative: `1,440.00`."""
        return f"{figure:,.2f}"

    def with_no_more_places(self, figure: Decimal) -> str:
        """Write a figure that is not negative with the places it needs, two at most: `33.6`."""
        return f"{figure.normalize():,f}"

    def day(self, on: date) -> str:
        """Write a day with the month as a word; no line ends between the two."""
        return f"{on.day}\u00a0{on:%B} {on.year}"


ENGLISH = Language()

_spoken: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def N_(sentence: str) -> str:
    """Mark `sentence` for translation where it is shown later."""
    return sentence


def gettext(sentence: str, **values: object) -> str:
    """Give `sentence` in the language spoken now; `values` fill its gaps, written `%(name)s`."""
    return _filled(spoken().sentence(sentence), values)


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """Give the sentence for `num` things in the language spoken now; `num` and `values` fill its gaps."""
    return _filled(spoken().counted(one, many, num), {"num": num, **values})


def use(language: Language) -> None:
    """Speak `language` from now on, in this request only."""
    _spoken.set(language)


def spoken() -> Language:
    """Give the language spoken now."""
    return _spoken.get()


def sum_name(minor: int) -> str:
    """Write minor units as a sum: 144000 is `1,440.00`."""
    written = spoken().with_two_places(Decimal(abs(minor)).scaleb(-2))
    return signed(MINUS, written) if minor < 0 else written


def points_name(bp: int) -> str:
    """Write basis points as percentage points: 1250 is `12.5`."""
    written = spoken().with_no_more_places(Decimal(abs(bp)).scaleb(-2))
    return signed(MINUS, written) if bp < 0 else written


def percent_name(bp: int) -> str:
    """Write basis points as a percentage: 3364 is `33.64 %` with a narrow space that does not break."""
    return f"{points_name(bp)}{NARROW_SPACE}%"


def signed(sign: str, figure: str) -> str:
    """Write a figure with its sign before it, whichever way the language runs."""
    return f"{LEFT_TO_RIGHT_MARK if spoken().direction == 'rtl' else ''}{sign}{figure}"


def date_name(on: date) -> str:
    """Write a day of the calendar with the month as a word: `14 November 2026`."""
    return spoken().day(on)


def isolated(text: Any) -> Any:
    """Set a text apart from the sentence around it if any of its letters run from right to left."""
    if isinstance(text, str) and not text.isascii() and FROM_RIGHT & {unicodedata.bidirectional(each) for each in text}:
        return FIRST_STRONG_ISOLATE + text + POP_ISOLATE
    return text


def sentences(text: str) -> list[str]:
    """Take a text apart into its sentences; a full stop in what fills a gap, as in `Ana M.`, ends none."""
    return END_OF_SENTENCE.split(text)


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence % {name: _whole(value) for name, value in values.items()} if values else sentence


def _whole(value: object) -> object:
    """Set a text apart that would seem to end the sentence around it."""
    if isinstance(value, str) and ". " in f"{value} ":
        return FIRST_STRONG_ISOLATE + value + POP_ISOLATE
    return isolated(value)
