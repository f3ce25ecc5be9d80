"""Sentences reach readers in their language, and the pseudo-language marks every one of them."""

from datetime import date

import pytest
from jinja2 import Environment

from wallet import i18n
from wallet.web.language import PSEUDO, Translated, current_locale, let_speak, named, negotiated


@pytest.fixture(autouse=True)
def english():
    i18n.use(i18n.ENGLISH)
    yield
    i18n.use(i18n.ENGLISH)


@pytest.fixture
def rendered():
    environment = Environment(autoescape=True)
    let_speak(environment)
    return lambda source, **values: environment.from_string(source).render(**values)


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("tlh", "en"),
        ("en-XA", "en-XA"),
        ("en-xa;q=0.9, fr;q=0.1", "en-XA"),
        ("fr, en-XA;q=0.5", "en"),
        ("*", "en"),
        ("en-XA;q=0, en", "en"),
        ("en;q=oops, ../../etc/passwd, \x00", "en"),
        ("a" * 10_000, "en"),
    ],
)
def test_the_language_is_the_best_of_those_there_are(header, tag):
    assert negotiated(header).tag == tag


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("de", "de"),
        ("DE-at, en;q=0.5", "de"),
        ("fr, de;q=0.2, en;q=0.8", "en"),
        ("en;q=0.1, de;q=0.2", "de"),
        ("de;q=0, en;q=0.5", "en"),
        ("en-GB, de;q=0.9", "en"),
        ("pt-PT, de;q=0.3", "de"),
        ("pt-br", "pt-BR"),
        ("fr", "en"),
    ],
)
def test_who_asks_for_a_country_gets_its_language_before_any_that_is_liked_less(languages, header, tag):
    for each in ("de", "pt-BR"):
        (languages / each).mkdir()
        (languages / each / "messages.po").touch()

    assert negotiated(header).tag == tag


@pytest.mark.parametrize("minor", [0, 5, 30, 1_250, 99_999, 100_000, 123_456, 1_234_567_890, -1, -123_450])
def test_english_is_written_as_babel_would(minor):
    plain = (i18n.sum_name(minor), i18n.percent_name(minor))

    i18n.use(Translated("en"))

    assert (i18n.sum_name(minor), i18n.percent_name(minor)) == plain


@pytest.mark.parametrize("month", range(1, 13))
def test_an_english_day_is_written_as_babel_would(month):
    on = date(2026, month, 14)
    plain = i18n.date_name(on)

    i18n.use(Translated("en"))

    assert i18n.date_name(on) == plain


def test_a_sentence_is_filled_after_it_is_translated():
    assert i18n.gettext("Pay %(sum)s", sum="12.50") == "Pay 12.50"
    assert i18n.gettext("100 % of it") == "100 % of it"

    i18n.use(PSEUDO)

    assert i18n.gettext("Pay %(sum)s", sum="12.50") == "⟦Páý 12.50⟧"


def test_a_number_chooses_its_sentence():
    def say(num):
        return i18n.ngettext("%(num)s sale", "%(num)s sales", num)

    assert [say(1), say(2)] == ["1 sale", "2 sales"]
    i18n.use(PSEUDO)
    assert [say(1), say(2)] == ["⟦1 šálé⟧", "⟦2 šáléš⟧"]


def test_the_pseudo_language_leaves_gaps_tags_and_entities_alone():
    pseudo = PSEUDO.sentence("Pay <b class='name'>%(name)s</b> &amp; {count} of %s")

    assert pseudo == "⟦Páý <b class='name'>%(name)s</b> &amp; {count} öf %s⟧"


def test_templates_escape_what_fills_a_sentence(rendered):
    assert rendered('{{ _("Hello %(name)s", name=name) }}', name="<b>") == "Hello &lt;b&gt;"
    i18n.use(PSEUDO)
    assert rendered('{{ _("Hello %(name)s", name=name) }}', name="<b>") == "⟦Héllö &lt;b&gt;⟧"


def test_a_sentence_over_several_lines_is_one_sentence(rendered):
    assert rendered("{% trans %}One\n   sentence.{% endtrans %}") == "One sentence."


def test_a_catalog_is_read_without_being_compiled(languages):
    folder = languages / "de"
    folder.mkdir()
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Pay"\nmsgstr "Zahlen"\n'
    )
    i18n.use(negotiated("de-AT,de;q=0.9"))
    assert (i18n.spoken().tag, i18n.gettext("Pay"), i18n.gettext("Unknown")) == ("de", "Zahlen", "Unknown")
    assert current_locale().language == "de"


@pytest.mark.parametrize(
    ("tag", "direction", "owed"),
    [
        ("en", "ltr", "−1,234.50"),
        ("de", "ltr", "−1.234,50"),
        ("ar", "rtl", "\u200e−1,234.50"),
        ("fa", "rtl", "\u200e−1,234.50"),
    ],
)
def test_a_sign_stands_before_its_sum_whichever_way_the_language_runs(tag, direction, owed):
    i18n.use(named(tag))

    assert (i18n.spoken().direction, i18n.sum_name(-123_450)) == (direction, owed)
    assert i18n.sum_name(123_450) == owed.rpartition("−")[2]


def test_the_pseudo_language_counts_like_english():
    i18n.use(PSEUDO)

    assert str(current_locale()) == "en"
    assert i18n.spoken().tag == "en-XA"


def test_only_what_runs_from_right_to_left_is_set_apart_in_a_sentence(rendered):
    sentence = "{{ _('%(name)s paid %(sum)s', name=name, sum='12.50') }}"
    assert rendered(sentence, name="Zoë & Čapek") == "Zoë &amp; Čapek paid 12.50"
    assert rendered(sentence, name="יעל & כ.") == "\u2068יעל &amp; כ.\u2069 paid 12.50"
    assert i18n.gettext("%(name)s paid", name="سلمى") == "\u2068سلمى\u2069 paid"
    assert rendered("{{ name|isolated }}, 09:41", name="יעל") == "\u2068יעל\u2069, 09:41"


def test_a_full_stop_of_a_name_ends_no_sentence():
    said = i18n.gettext("You invited %(name)s to %(coop)s before. Look at the list.", name="Ana M.", coop="St. Mary’s")
    assert [each.translate({0x2068: None, 0x2069: None}) for each in i18n.sentences(said)] == [
        "You invited Ana M. to St. Mary’s before.",
        "Look at the list.",
    ]
    assert i18n.sentences("It is 12.50 RES. Pay.") == ["It is 12.50 RES.", "Pay."]
