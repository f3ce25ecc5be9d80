"""A language is begun by one command, kept up to date by the same, and checked before a page could break on it."""

import os
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from tests import catalogs
from tests.imports import ROOT
from wallet import i18n
from wallet.web.language import negotiated

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)

# Each means one of several things, and in another language has a word for each.
SHORT = (
    "Clear",
    "Open",
    "counts",
    "draft",
    "new",
    "no",
    "off",
    "on",
    "open",
    "over",
    "pay",
    "reached",
    "rests",
    "to %(coop)s",
    "yes",
)


def messages(languages: Path, *more: str) -> str:
    """Run `make messages` for the languages that are here; give what it says."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", "messages", f"TRANSLATIONS={languages}", *more]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=True)
    return done.stdout


def written(languages: Path, entries: str, tag: str = "de") -> Path:
    path = languages / tag / "messages.po"
    path.parent.mkdir()
    path.write_text(HEADER + entries, encoding="utf-8")
    return path


def test_a_word_that_alone_could_mean_several_things_tells_translators_where_it_stands(languages: Path) -> None:
    messages(languages, "NEW=de")
    with (languages / "messages.pot").open("rb") as source:
        catalog = read_po(source)

    assert [each for each in SHORT if not catalog[each].auto_comments] == []


def test_one_command_begins_a_language_and_brings_it_up_to_date(languages: Path) -> None:
    assert messages(languages, "NEW=pt-BR").splitlines()[-1].startswith("pt-BR: 0 of ")
    path = languages / "pt-BR" / "messages.po"
    with path.open("rb") as source:
        catalog = read_po(source, locale="pt_BR")
    catalog["Pay"].string = "Pagar"
    catalog.add("What no page says any more", "O que nenhuma página diz mais")
    with path.open("wb") as out:
        write_po(out, catalog)

    assert messages(languages).splitlines()[-1].startswith("pt-BR: 1 of ")

    i18n.use(negotiated("pt-BR,pt;q=0.9"))
    assert (i18n.spoken().tag, i18n.gettext("Pay"), i18n.sum_name(123_450)) == ("pt-BR", "Pagar", "1.234,50")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ('msgid "Pay %(sum)s"\nmsgstr "%(sum)s zahlen"\n', ""),
        ('msgid "Pay %(sum)s"\nmsgstr "Zahlen"\n', "lacks %(sum)s in 'Zahlen'"),
        ('msgid "Pay %(sum)s"\nmsgstr "%(summe)s zahlen"\n', "has no %(summe)s to fill"),
        ('msgid "Pay %(sum)s"\nmsgstr "100% %(sum)s"\n', "a single % in '100% %(sum)s'"),
        ('msgid "100 % of it"\nmsgstr "100 % davon"\n', ""),
        ('msgid "Take {need} in cash"\nmsgstr "Bar nehmen"\n', "lacks {need}"),
        ('msgid "<b>Now</b>"\nmsgstr "<b>Jetzt"\n', "lacks </b>"),
        ('msgid "One bill"\nmsgid_plural "%(num)s bills"\nmsgstr[0] "Eine"\nmsgstr[1] "%(num)s"\n', ""),
        ('msgid "One bill"\nmsgid_plural "%(num)s bills"\nmsgstr[0] "Eine"\nmsgstr[1] ""\n', "1 plural forms"),
        ('#, fuzzy\nmsgid "Pay %(sum)s"\nmsgstr "Zahlen"\n', ""),
    ],
)
def test_a_sentence_that_would_break_a_page_or_lose_a_sum_is_found(
    languages: Path, capsys: pytest.CaptureFixture[str], entries: str, said: str
) -> None:
    written(languages, entries)

    assert (catalogs.main(languages) > 0) == bool(said)
    told = capsys.readouterr().out
    assert said in told
    assert ("messages.po:" in told) == bool(said)


def test_a_language_that_no_browser_would_ask_for_so_is_not_begun(languages: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        messages(languages, "NEW=de_DE")

    assert "NEW=de-DE" in refused.value.stderr
    assert list(languages.iterdir()) == []


@pytest.mark.parametrize("tag", ["de_AT", "xx", "Deutsch"])
def test_a_folder_that_names_no_language_is_found(languages: Path, tag: str) -> None:
    written(languages, "", tag)

    assert catalogs.main(languages) == 1
