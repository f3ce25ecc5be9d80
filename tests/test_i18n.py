"""Sentences reach readers in their language, and the pseudo-language marks every one of them."""

import pytest
from jinja2 import Environment

from wallet import i18n


@pytest.fixture(autouse=True)
def english():
    i18n.use(i18n.DEFAULT)
    yield
    i18n.use(i18n.DEFAULT)


@pytest.fixture
def rendered():
    environment = Environment(autoescape=True)
    i18n.install(environment)
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
        ("en;q=oops, ../../etc/passwd, \x00", "en"),
        ("a" * 10_000, "en"),
    ],
)
def test_the_language_is_the_best_of_those_there_are(header, tag):
    assert i18n.negotiated(header) == tag


def test_a_sentence_is_filled_after_it_is_translated():
    assert i18n.gettext("Pay %(sum)s", sum="12.50") == "Pay 12.50"
    assert i18n.gettext("100 % of it") == "100 % of it"

    i18n.use(i18n.PSEUDO)

    assert i18n.gettext("Pay %(sum)s", sum="12.50") == "⟦Páý 12.50⟧"


def test_a_number_chooses_its_sentence():
    def say(num):
        return i18n.ngettext("%(num)s sale", "%(num)s sales", num)

    assert [say(1), say(2)] == ["1 sale", "2 sales"]
    i18n.use(i18n.PSEUDO)
    assert [say(1), say(2)] == ["⟦1 šálé⟧", "⟦2 šáléš⟧"]


def test_the_pseudo_language_leaves_gaps_tags_and_entities_alone():
    pseudo = i18n.pseudo("Pay <b class='name'>%(name)s</b> &amp; {count} of %s")

    assert pseudo == "⟦Páý <b class='name'>%(name)s</b> &amp; {count} öf %s⟧"


def test_templates_escape_what_fills_a_sentence(rendered):
    assert rendered('{{ _("Hello %(name)s", name=name) }}', name="<b>") == "Hello &lt;b&gt;"
    i18n.use(i18n.PSEUDO)
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
    i18n.use(i18n.negotiated("de-AT,de;q=0.9"))
    assert (i18n.language(), i18n.gettext("Pay"), i18n.gettext("Unknown")) == ("de", "Zahlen", "Unknown")
    assert i18n.current_locale().language == "de"


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
    i18n.use(tag)

    assert (i18n.direction(), i18n.sum_name(-123_450)) == (direction, owed)
    assert i18n.sum_name(123_450) == owed.rpartition("−")[2]


def test_the_pseudo_language_counts_like_english():
    i18n.use(i18n.PSEUDO)

    assert str(i18n.current_locale()) == "en"
    assert i18n.language() == "en-XA"


def test_only_what_runs_from_right_to_left_is_set_apart_in_a_sentence(rendered):
    sentence = "{{ _('%(name)s paid %(sum)s', name=name, sum='12.50') }}"
    assert rendered(sentence, name="Zoë & Čapek") == "Zoë &amp; Čapek paid 12.50"
    assert rendered(sentence, name="יעל & כ.") == "\u2068יעל &amp; כ.\u2069 paid 12.50"
    assert i18n.gettext("%(name)s paid", name="سلمى") == "\u2068سلمى\u2069 paid"
    assert rendered("{{ name|isolated }}, 09:41", name="יעל") == "\u2068יעל\u2069, 09:41"
