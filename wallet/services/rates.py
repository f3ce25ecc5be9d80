"""Rates: counting what is tried, and refusing who tries too often."""

from collections.abc import Iterable

from wallet.domain.rate import Rate
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import rates
from wallet.store.engine import reading, write


def count(kit: Kit, rate: Rate, whose: str) -> None:
    """Count one try by `whose`.

    Raises: Refusal too_many, when there were too many already.
    """
    held, now = rate.here(kit.deployment), kit.clock()
    # After a lost connection it is better to count twice than not at all.
    if not write(kit.engine, lambda connection: rates.take(connection, held, whose, now)):
        raise refuse("too_many", retry_after=held.wait_seconds)


def check(kit: Kit, asked: Iterable[tuple[Rate, str]]) -> None:
    """Let nobody go on who has tried too often.

    Raises: Refusal too_many.
    """
    now = kit.clock()
    with reading(kit.engine) as connection:
        for rate, whose in asked:
            held = rate.here(kit.deployment)
            if rates.is_empty(connection, held, whose, now):
                raise refuse("too_many", retry_after=held.wait_seconds)
