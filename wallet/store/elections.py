"""What members agreed to and elected: whether they are paid in RES at all, and how much of it they take at most."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain import election
from wallet.domain.election import Election
from wallet.store.tables import accounts, agreements, elections, people
from wallet.store.upserts import claim_row, replace_row

_hold = (
    sa.select(accounts.c.id)
    .join(people, people.c.account_id == accounts.c.id)
    .where(people.c.id == sa.bindparam("of_id"))
    .with_for_update(of=accounts)
)
_agree = claim_row(agreements)
_agreed = (
    sa.select(agreements.c.version, agreements.c.words, agreements.c.agreed_at)
    .where(agreements.c.person_id == sa.bindparam("of_person"))
    .order_by(agreements.c.version)
    .limit(1)
)
_choose = replace_row(elections)
_chosen = (
    sa.select(elections.c.from_month, elections.c.elected_bp)
    .where(elections.c.person_id == sa.bindparam("of_person"))
    .order_by(elections.c.from_month)
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold the words to which somebody agreed, and when."""

    version: int
    words: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """Hold how much of their share somebody takes: nothing before `agreement`, then what is elected, if anything is."""

    agreement: Agreement | None
    now: Election | None
    coming: Election | None

    @property
    def most_bp(self) -> int | None:
        """Give what they take at most this month; None is the whole share."""
        if self.agreement is None:
            return 0
        return None if self.now is None else self.now.elected_bp

    def of(self, share_bp: int) -> int:
        """Give what they take this month of a share."""
        return share_bp if self.most_bp is None else min(share_bp, self.most_bp)

    @property
    def is_answered(self) -> bool:
        """Tell whether they have said yes or no to being paid in RES."""
        return self.agreement is not None or self.now is not None or self.coming is not None


def hold(connection: sa.Connection, person_id: int) -> None:
    """Let nobody sign meanwhile a run that pays somebody: what they take is what stood when it was signed.

    Locks: the wallet, until commit.
    """
    connection.execute(_hold, {"of_id": person_id})


def agree(connection: sa.Connection, person_id: int, version: int, words: str, now: datetime) -> None:
    """Keep that somebody agreed to the `words`; the first time stays."""
    row = {"person_id": person_id, "version": version, "words": words, "agreed_at": now}
    connection.execute(_agree, row)


def choose(connection: sa.Connection, person_id: int, chosen: Election, now: datetime) -> None:
    """Keep what somebody takes from a month on, in the place of what they chose for that month before."""
    row = {"person_id": person_id, "from_month": chosen.from_month, "elected_bp": chosen.elected_bp, "chosen_at": now}
    connection.execute(_choose, row)


def taken(connection: sa.Connection, person_id: int, month: str) -> Taken:
    """Give how much of their share somebody takes in `month` and after it."""
    agreed = connection.execute(_agreed, {"of_person": person_id}).first()
    made = [Election(*row) for row in connection.execute(_chosen, {"of_person": person_id})]
    return Taken(
        None if agreed is None else Agreement(*agreed), election.in_force(made, month), election.coming(made, month)
    )
