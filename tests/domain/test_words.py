"""Two words and a pattern let people compare two screens at a glance."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.wordlist import ADJECTIVES, NOUNS
from wallet.domain.words import BANDS, band_for, words_for

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_words_of_a_transfer_never_change() -> None:
    assert [words_for(ref) for ref in ("0", "1", "2")] == ["hollow table", "keen key", "starry harp"]


def test_every_word_is_short_and_stands_once() -> None:
    for words in (ADJECTIVES, NOUNS):
        assert len(set(words)) == 256
        assert all(2 < len(word) < 9 and word.isascii() and word.islower() for word in words)


@given(st.text())
def test_any_ref_gives_two_words(ref: str) -> None:
    assert len(words_for(ref.encode("utf-8", "replace").decode()).split(" ")) == 2


def test_the_pattern_changes_with_the_minute_and_comes_round() -> None:
    bands = [band_for(NOON + timedelta(minutes=minute)) for minute in range(BANDS + 1)]

    assert sorted(bands[:BANDS]) == list(range(BANDS))
    assert bands[0] == bands[BANDS]
    assert band_for(NOON) == band_for(NOON + timedelta(seconds=59.9))
