"""Verify: recompute the books from the journal, sharing no code with what wrote them.

The caller lends one snapshot. What is wrong is told row by row, with the invariant that it breaks, or for which its
table is read where a value has not the form that all else goes by:

I1  a transfer has two accounts of its kind's sort, and an amount that its kind may have.
I2  a stored balance is what the account's postings come to, posting by posting, in the account's own order.
I3  all balances sum to 0.
I4  no wallet and no pool is ever below 0, or may be; no co-op is brought below its floor by what it pays.
I5  a key names one act, and each act that was asked for has its key.
I6  what a key answers with exists.
I7  a bill and a member code are used once, for what they stand for.
I8  refunds stay within their sale and go back to its payer, with the basis and minutes that the rule gives back.
I9  eligible RES, minutes, basis, qualified minutes and the running rows come out of the journal again; so does what is
    kept of a month's circulation. No sale counts at a co-op that paid the payer lately, or had the payer as a member.
I10 a pay line's RES part is its share of the total, the rest is cash; the share is that of its month and person, kept
    with the window, the income and the spending that it follows from. A pay run is signed by two people and posted
    whole, and each of its lines is split by what bounded it when it was signed.
I11 a dividend's lines are what its period comes to, each paid once out of the pool; two people made it, or a history;
    none is of a time for which it was voted off. Figures of a month or period go by what was voted before it began.
I12 a ballot's votes are of as many people of its roll, and what came of it is what they come to by the majority that it
    takes; its question, times and roll are those of its opening, by two people.
I13 a shift's signed totals are those of its sales and refunds; its sweep left the till at 0; a closed till is empty.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify import acts, ballots, chains, dividends, payruns, shapes, shifts
from wallet.store.verify.breach import Breach
from wallet.store.verify.forms import Forms

__all__ = ["Breach", "Checked", "check", "examine"]


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold how much was looked at and what was found wrong, in the order in which it was found.

    `cut_off_by` is what kept a check from its end, in books that are broken anyway.
    """

    transfers: int
    accounts: int
    breaches: list[Breach]
    cut_off_by: Exception | None = None


def examine(connection: sa.Connection, charter: Charter = Charter(), since: int | None = None) -> Checked:  # noqa: B008
    """Check the books that `connection` sees; with `since`, only what transfers after that id have touched.

    A connection that sees one instant only, see `engine.snapshot`, is needed while others write.
    Raises: whatever kept a check from its end, if nothing was found to be wrong.
    """
    after = -1 if since is None else since
    looked_at = shapes.count_transfers(connection, after), chains.count_accounts(connection, after)
    breaches: list[Breach] = []
    cut_off_by: Exception | None = None
    for check_part in _parts(connection, charter, after):
        try:
            with connection.begin_nested():
                # One by one: what a check has found stays found when it falls over the next row.
                for breach in check_part():
                    breaches.append(breach)  # noqa: PERF402
        except Exception as error:  # noqa: BLE001 - nobody knows what was written into the books
            cut_off_by = cut_off_by or error
    if cut_off_by is not None and not breaches:
        raise cut_off_by
    return Checked(*looked_at, breaches, cut_off_by)


def _parts(connection: sa.Connection, charter: Charter, after: int) -> Iterator[Callable[[], Iterable[Breach]]]:
    """Give the checks in their order; those that reckon are left out where a value is of another kind altogether.

    A word times a large number would take all of the memory there is.
    """
    forms = Forms(connection, after)
    yield forms.check
    yield lambda: shapes.check(connection, after)
    if forms.can_reckon:
        yield lambda: chains.check(connection, charter, after)
    yield lambda: acts.check(connection, after)
    if forms.can_reckon:
        yield lambda: payruns.check(connection, after)
    yield lambda: shifts.check(connection, after)
    if forms.can_reckon:
        yield lambda: dividends.check(connection, charter, after)
        yield lambda: ballots.check(connection, charter)


def check(connection: sa.Connection, charter: Charter = Charter(), since: int | None = None) -> list[Breach]:  # noqa: B008
    """List what is wrong with the books that `connection` sees; nothing when they are sound."""
    return examine(connection, charter, since).breaches
