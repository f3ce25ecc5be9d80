"""The reader's language, chosen afresh for every request, and how templates speak it.

A language is a catalog in `wallet/translations/<tag>/messages.po`; English needs none. The pseudo-language en-XA is
made on the fly: it marks each sentence with ⟦…⟧ and accents, so that a sentence that went around `wallet/i18n.py` is
seen at once.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any, cast

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from flask import Flask, Response, request
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from wallet import i18n
from wallet.config import ROOT
from wallet.i18n import ENGLISH, Language

TRANSLATIONS = ROOT / "wallet" / "translations"
# A sum has two places in every language; where its thousands part is the language's own.
PLACES = re.compile(r"\.#+")
SUM_PLACES = ".00"
PERCENT_PATTERN = "#,##0.##"
# No line ends between a day and its month.
DAY_PATTERN = "d\u00a0MMMM y"
# No browser asks for more languages than this holds.
LONGEST_HEADER = 500
ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñöšûýžÁÇÉÍÑÖŠÛÝŽ")
# What a sentence carries beside its words: gaps to fill, tags, entities.
NOT_WORDS = re.compile(r"(%\(\w+\)[a-z]|%[%sd]|\{[^{}]*\}|<[^<>]*>|&#?\w+;)")


class Translated(Language):
    """Speak the language of a catalog, and English where that is silent; figures and days are as its readers' are."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.locale = Locale.parse(tag, sep="-")
        self.direction = self.locale.text_direction

    @cached_property
    def catalog(self) -> Translations:
        """Give the sentences, which are read when the first of them is spoken."""
        compiled = BytesIO()
        with (TRANSLATIONS / self.tag / "messages.po").open("rb") as source:
            write_mo(compiled, read_po(source, locale=self.tag.replace("-", "_")))
        compiled.seek(0)
        return Translations(compiled)

    def sentence(self, written: str) -> str:
        """Give a sentence with its gaps."""
        return str(self.catalog.ugettext(written))

    def counted(self, one: str, many: str, num: int) -> str:
        """Give the sentence for `num` things with its gaps."""
        return str(self.catalog.ungettext(one, many, num))

    def with_two_places(self, figure: Decimal) -> str:
        """Write a figure that is not negative as a sum."""
        pattern = PLACES.sub(SUM_PLACES, self.locale.decimal_formats[None].pattern)
        return format_decimal(figure, format=pattern, locale=self.locale)

    def with_no_more_places(self, figure: Decimal) -> str:
        """Write a figure that is not negative with the places it needs, two at most."""
        return format_decimal(figure, format=PERCENT_PATTERN, locale=self.locale)

    def day(self, on: date) -> str:
        """Write a day with the month as a word."""
        return format_date(on, format=DAY_PATTERN, locale=self.locale)


class Pseudo(Language):
    """Mark every sentence: `Pay %(sum)s` is `⟦Páý %(sum)s⟧`; figures and days stay English."""

    tag = "en-XA"

    def sentence(self, written: str) -> str:
        """Give a sentence with its gaps."""
        parts = NOT_WORDS.split(written)
        accented = (part if index % 2 else part.translate(ACCENTS) for index, part in enumerate(parts))
        return f"⟦{''.join(accented)}⟧"

    def counted(self, one: str, many: str, num: int) -> str:
        """Give the sentence for `num` things with its gaps."""
        return self.sentence(super().counted(one, many, num))


PSEUDO = Pseudo()
IN_ENGLISH = Locale.parse(ENGLISH.tag)


def install(app: Flask) -> None:
    """Speak to each reader in the language their browser asks for."""
    let_speak(app.jinja_env)

    @app.before_request
    def choose() -> None:
        i18n.use(negotiated(request.headers.get("Accept-Language", "")))

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["Content-Language"] = i18n.spoken().tag
        response.headers["Vary"] = "Accept-Language"
        return response

    @app.context_processor
    def known_everywhere() -> dict[str, object]:
        return {"lang": i18n.spoken().tag, "direction": i18n.spoken().direction}


def let_speak(environment: Environment) -> None:
    """Let templates of `environment` speak: `_("Pay %(sum)s", sum=…)` and `{% trans %}`."""
    environment.add_extension("jinja2.ext.i18n")
    # Jinja fills the gaps itself, escaping what goes in.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda sentence: i18n.spoken().sentence(sentence),
        lambda one, many, num: i18n.spoken().counted(one, many, num),
        newstyle=True,
    )
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _isolating(cast("Callable[..., str]", environment.globals[name]))
    environment.filters["isolated"] = i18n.isolated
    environment.filters["sentences"] = i18n.sentences
    # A sentence may stand over several lines of a template; readers and translators see one.
    environment.policies["ext.i18n.trimmed"] = True


@lru_cache(maxsize=256)
def negotiated(accept_language: str) -> Language:
    """Choose, of the languages there are, the one that an Accept-Language header likes best."""
    accepted = parse_accept_header(accept_language[:LONGEST_HEADER], LanguageAccept)
    wanted = [tag for tag, quality in accepted if quality > 0]
    if PSEUDO.tag.lower() in (tag.lower() for tag in wanted[:1]):
        return PSEUDO
    # Werkzeug's own choice would give who asks for de-AT and then for English the English where there is German.
    found = negotiate_locale(wanted, list(available()), sep="-")
    return next((named(tag) for tag in available() if found and tag.lower() == found.lower()), ENGLISH)


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """List the tags of the languages there are."""
    return (ENGLISH.tag, *sorted(path.parent.name for path in TRANSLATIONS.glob("*/messages.po")))


@lru_cache
def named(tag: str) -> Language:
    """Give the language with this tag."""
    return ENGLISH if tag == ENGLISH.tag else Translated(tag)


def current_locale() -> Locale:
    """Give the locale whose figures and days go with the language spoken now."""
    language = i18n.spoken()
    return language.locale if isinstance(language, Translated) else IN_ENGLISH


def _isolating(said: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def isolating(context: Context, /, *sentences: Any, **values: Any) -> str:
        return said(context, *sentences, **{name: i18n.isolated(value) for name, value in values.items()})

    return isolating
