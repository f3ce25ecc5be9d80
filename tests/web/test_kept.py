"""What is summed over the whole federation is summed by one, however many look when it is no longer kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Event

import pytest
from flask import Flask

from tests.clock import Clock
from wallet.web.kept import some_minutes_old

MANY = 6


@dataclass(frozen=True, slots=True)
class Sum:
    """Hold which sum it was, and of when."""

    number: int
    at: datetime


class Summing:
    """Count the sums, each of which lasts until it is let go."""

    def __init__(self) -> None:
        self.sums = 0
        self.begun, self.let_go = Event(), Event()

    def __call__(self, now: datetime) -> Sum:
        self.sums += 1
        number = self.sums
        self.begun.set()
        assert self.let_go.wait(20)
        return Sum(number, now)

    def was(self, look: Callable[[], int], clock: Clock, *, minutes: int) -> None:
        """Have the first sum be made so long ago; the next one lasts again."""
        self.let_go.set()
        assert look() == 1
        clock.advance(minutes=minutes)
        self.begun.clear()
        self.let_go.clear()


@pytest.fixture
def summing() -> Summing:
    """Give what counts the sums."""
    return Summing()


@pytest.fixture
def look(app: Flask, summing: Summing) -> Callable[[], int]:
    """Look at what is summed, as a page does; tells which sum it was given."""

    def looked() -> int:
        with app.app_context():
            return some_minutes_old("figure", summing).number

    return looked


def test_of_many_who_look_at_once_one_sums_and_the_others_wait(summing: Summing, look: Callable[[], int]) -> None:
    with ThreadPoolExecutor(MANY) as threads:
        all_at_once = [threads.submit(look) for _ in range(MANY)]
        assert summing.begun.wait(20)
        summing.let_go.set()

        assert [one.result(20) for one in all_at_once] == [1] * MANY
    assert summing.sums == 1


def test_while_one_sums_anew_the_others_are_given_what_was_there(
    summing: Summing, look: Callable[[], int], clock: Clock
) -> None:
    summing.was(look, clock, minutes=11)

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(look)
        assert summing.begun.wait(20)
        meanwhile = look()
        summing.let_go.set()
        assert (meanwhile, first.result(20), look()) == (1, 2, 2)


def test_what_is_much_too_old_is_given_to_nobody(summing: Summing, look: Callable[[], int], clock: Clock) -> None:
    summing.was(look, clock, minutes=21)

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(look) for _ in range(2)]
        assert summing.begun.wait(20)
        summing.let_go.set()

        assert [one.result(20) for one in both] == [2, 2]
    assert summing.sums == 2


def test_a_sum_that_fails_leaves_the_turn_to_the_next(app: Flask, look: Callable[[], int], summing: Summing) -> None:
    def failing(_now: datetime) -> Sum:
        raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        some_minutes_old("figure", failing)
    summing.let_go.set()

    assert look() == 1
