"""Sentences for people, in the reader's language.

Every sentence passes through here, from Python and from templates. A language is a catalog in
`wallet/translations/<tag>/messages.po`; English needs none. The pseudo-language en-XA is made on the fly: it marks
each sentence with ⟦…⟧ and accents, so that a sentence that went around this module is seen at once.
"""

import re
import unicodedata
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import pass_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from jinja2.runtime import Context

TRANSLATIONS = Path(__file__).parent / "translations"
DEFAULT = "en"
PSEUDO = "en-XA"
MINUS = "−"
# Keeps a sign before its figure where the words around it run from right to left.
LEFT_TO_RIGHT_MARK = "\u200e"
# A sum has two places in every language; where its thousands part is the language's own.
PLACES = re.compile(r"\.#+")
SUM_PLACES = ".00"
PERCENT_PATTERN = "#,##0.##"
NARROW_SPACE = "\u202f"
# No line ends between a day and its month.
DAY_PATTERN = "d\u00a0MMMM y"

_tag: ContextVar[str] = ContextVar("language", default=DEFAULT)

ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñöšûýžÁÇÉÍÑÖŠÛÝŽ")
# Between these, letters that run from right to left leave the order of what stands around them alone.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
FROM_RIGHT = {"R", "AL"}
# What a sentence carries beside its words: gaps to fill, tags, entities.
NOT_WORDS = re.compile(r"(%\(\w+\)[a-z]|%[%sd]|\{[^{}]*\}|<[^<>]*>|&#?\w+;)")


def N_(sentence: str) -> str:
    """Mark `sentence` for translation where it is shown later."""
    return sentence


def gettext(sentence: str, **values: object) -> str:
    """Give `sentence` in the reader's language; `values` fill its gaps, written `%(name)s`."""
    return _filled(_translated(sentence), values)


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """Give the sentence for `num` things in the reader's language; `num` and `values` fill its gaps."""
    return _filled(_counted(one, many, num), {"num": num, **values})


def use(tag: str) -> None:
    """Speak the language `tag` from now on, in this request only."""
    _tag.set(tag)


def language() -> str:
    """Give the tag of the language spoken now, as HTML's `lang` wants it."""
    return _tag.get()


def current_locale() -> Locale:
    """Give the locale whose figures and dates go with the language spoken now."""
    return _locale(_tag.get())


def direction() -> str:
    """Tell how the language spoken now runs, as HTML's `dir` wants it: `ltr` or `rtl`."""
    return current_locale().text_direction


def sum_name(minor: int) -> str:
    """Write minor units as a sum: 144000 is `1,440.00`."""
    locale = current_locale()
    pattern = PLACES.sub(SUM_PLACES, locale.decimal_formats[None].pattern)
    written = format_decimal(Decimal(abs(minor)).scaleb(-2), format=pattern, locale=locale)
    return signed(MINUS, written) if minor < 0 else written


def percent_name(bp: int) -> str:
    """Write basis points as a percentage: 3364 is `33.64 %` with a narrow space that does not break."""
    written = format_decimal(Decimal(abs(bp)).scaleb(-2), format=PERCENT_PATTERN, locale=current_locale())
    return f"{signed(MINUS, written) if bp < 0 else written}{NARROW_SPACE}%"


def signed(sign: str, figure: str) -> str:
    """Write a figure with its sign before it, whichever way the language runs."""
    return f"{LEFT_TO_RIGHT_MARK if direction() == 'rtl' else ''}{sign}{figure}"


def date_name(on: date) -> str:
    """Write a day of the calendar with the month as a word: `14 November 2026`."""
    return format_date(on, format=DAY_PATTERN, locale=current_locale())


@lru_cache(maxsize=256)
def negotiated(accept_language: str) -> str:
    """Choose, of the languages there are, the one that an Accept-Language header likes best."""
    wanted = [tag for tag, _quality in _preferences(accept_language)]
    if PSEUDO.lower() in (tag.lower() for tag in wanted[:1]):
        return PSEUDO
    found = negotiate_locale(wanted, list(available()), sep="-")
    return next((tag for tag in available() if found and tag.lower() == found.lower()), DEFAULT)


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """List the tags of the languages there are."""
    return (DEFAULT, *sorted(path.parent.name for path in TRANSLATIONS.glob("*/messages.po")))


def isolated(text: Any) -> Any:
    """Set a text apart from the sentence around it if any of its letters run from right to left."""
    if isinstance(text, str) and not text.isascii() and FROM_RIGHT & {unicodedata.bidirectional(each) for each in text}:
        return FIRST_STRONG_ISOLATE + text + POP_ISOLATE
    return text


def pseudo(sentence: str) -> str:
    """Give `sentence` as the pseudo-language says it: `Pay %(sum)s` is `⟦Páý %(sum)s⟧`."""
    parts = NOT_WORDS.split(sentence)
    accented = (part if index % 2 else part.translate(ACCENTS) for index, part in enumerate(parts))
    return f"⟦{''.join(accented)}⟧"


def install(environment: "Environment") -> None:
    """Let templates of `environment` speak: `_("Pay %(sum)s", sum=…)` and `{% trans %}`."""
    environment.add_extension("jinja2.ext.i18n")
    # Jinja fills the gaps itself, escaping what goes in.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _translated, _counted, newstyle=True
    )
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _isolating(cast("Callable[..., str]", environment.globals[name]))
    environment.filters["isolated"] = isolated
    # A sentence may stand over several lines of a template; readers and translators see one.
    environment.policies["ext.i18n.trimmed"] = True


def _isolating(said: "Callable[..., str]") -> "Callable[..., str]":
    @pass_context
    def isolating(context: "Context", /, *sentences: Any, **values: Any) -> str:
        return said(context, *sentences, **{name: isolated(value) for name, value in values.items()})

    return isolating


def _translated(sentence: str) -> str:
    tag = _tag.get()
    return pseudo(sentence) if tag == PSEUDO else str(_catalog(tag).ugettext(sentence))


def _counted(one: str, many: str, num: int) -> str:
    tag = _tag.get()
    return pseudo(one if num == 1 else many) if tag == PSEUDO else str(_catalog(tag).ungettext(one, many, num))


def _filled(sentence: str, values: dict[str, object]) -> str:
    return sentence % {name: isolated(value) for name, value in values.items()} if values else sentence


@lru_cache
def _locale(tag: str) -> Locale:
    return Locale.parse(DEFAULT if tag == PSEUDO else tag, sep="-")


@lru_cache
def _catalog(tag: str) -> NullTranslations:
    path = TRANSLATIONS / tag / "messages.po"
    if tag == DEFAULT and not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=tag.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def _preferences(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header[:500].split(","):
        tag, _semicolon, weight = part.strip().partition(";")
        if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", tag.strip()):
            continue
        quality = re.fullmatch(r"\s*q=(0(\.\d{1,3})?|1(\.0{1,3})?)\s*", weight)
        found.append((tag.strip(), float(quality[1]) if quality else 1.0))
    return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: -pair[1])
