"""Each account by its own order: postings numbered without a gap, balances that follow from them, wallets replayed."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify.breach import Breach
from wallet.store.verify.charters import Charters
from wallet.store.verify.circulation import CirculationCheck
from wallet.store.verify.payruns import read_entitled
from wallet.store.verify.payshares import read_kept
from wallet.store.verify.running import Facts, read_paid, read_running
from wallet.store.verify.wallets import WalletCheck

# Accounts are replayed so many at a time, their postings one by one: a large journal does not fit into memory.
AT_A_TIME = 500
# Few accounts take in most of what moves: going by the average, PostgreSQL would read the whole journal for each batch.
BY_INDEX = ("SET LOCAL enable_seqscan = {}", "SET LOCAL jit = {}")
BOUNDED = ("wallet", "pool")
# A co-op's is minus its credit line; a till has none.
FLOORS = {"wallet": 0, "pool": 0, "till": None}
BOUND_BY_FLOOR = ("pay", "supply", "fund")

_ACCOUNTS = sa.text(
    "SELECT a.id, a.kind, a.balance_minor, a.floor_minor, a.seq, a.eligible_minor, a.eligible_minutes, a.basis_minor,"
    " a.qualified_minutes, p.id AS person_id FROM accounts a LEFT JOIN people p ON p.account_id = a.id"
    " WHERE a.id IN (SELECT debit_id FROM transfers WHERE id > :after UNION"
    " SELECT credit_id FROM transfers WHERE id > :after) OR :after < 0 ORDER BY a.id"
)
_COUNT = sa.text(f"SELECT COUNT(*) FROM ({_ACCOUNTS.text.removesuffix(' ORDER BY a.id')}) found")  # noqa: S608
_LINES = sa.text("SELECT account_id, after_seq, floor_minor FROM credit_lines ORDER BY account_id, after_seq")
_FIGURES = (
    "id AS transfer_id, kind, at, amount_minor, cash_minor, qualifies, basis_minor, basis_minutes, answers_id,"
    " total_minor, minutes, counted_minutes, share_bp, means, ref"
)
_POSTINGS = (
    sa.text(
        f"SELECT debit_id AS account_id, debit_seq AS seq, debit_balance_minor AS stands_at, -1 AS side,"  # noqa: S608
        f" credit_id AS other_id, {_FIGURES} FROM transfers WHERE debit_id IN :ids"
        f" UNION ALL SELECT credit_id, credit_seq, credit_balance_minor, 1, debit_id, {_FIGURES}"
        f" FROM transfers WHERE credit_id IN :ids ORDER BY 1, 2, 6"
    )
    .bindparams(sa.bindparam("ids", expanding=True))
    .execution_options(stream_results=True)
)


def count_accounts(connection: sa.Connection, after: int) -> int:
    """Count the accounts that transfers whose id is greater than `after` have touched."""
    return int(connection.execute(_COUNT, {"after": after}).scalar_one())


def check(connection: sa.Connection, charter: Charter, after: int) -> Iterator[Breach]:
    """Replay every account, or those that transfers whose id is greater than `after` have touched."""
    yield from Chains(connection, charter, after).check()


class Chains:
    """Walk through accounts in the order of their ids, and through each one's postings in the order of its seq."""

    def __init__(self, connection: sa.Connection, charter: Charter, after: int) -> None:
        self.connection = connection
        self.found = list(connection.execute(_ACCOUNTS, {"after": after}))
        self.facts = Facts.read(connection)
        # Only all accounts together come to what was outstanding.
        self.circulation = CirculationCheck(connection, self.facts) if after < 0 else None
        self.charters = Charters(connection, charter, self.facts)
        self.lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for account, after_seq, floor in connection.execute(_LINES):
            self.lines[account].append((after_seq, floor))

    def check(self) -> Iterator[Breach]:
        """Replay every account; an account is told at most once for each invariant."""
        self._read("off")
        for start in range(0, len(self.found), AT_A_TIME):
            yield from self._some(self.found[start : start + AT_A_TIME])
        self._read("on")
        if self.circulation is not None:
            yield from self.circulation.check()

    def _read(self, whole: str) -> None:
        """Let the journal be read as a whole, or only by its indexes."""
        if self.connection.dialect.name == "postgresql":
            for setting in BY_INDEX:
                self.connection.exec_driver_sql(setting.format(whole))

    def _some(self, some: list[Any]) -> Iterator[Breach]:
        people = [account.person_id for account in some if account.person_id]
        running, kept = read_running(self.connection, people), read_kept(self.connection, people)
        entitled, paid = read_entitled(self.connection, people), read_paid(self.connection, people)
        rows = self.connection.execute(_POSTINGS, {"ids": [account.id for account in some]})
        groups = groupby(rows, lambda row: row.account_id)
        owner, postings = next(groups, (None, iter(())))
        for account in some:
            wallet = None
            if account.kind == "wallet":
                stored = running[account.person_id], kept[account.person_id], entitled, paid[account.person_id]
                wallet = WalletCheck(account, self.charters, self.facts, *stored)
            mine = postings if owner == account.id else iter(())
            told: set[str] = set()
            for breach in self._account(account, wallet, mine):
                if breach.invariant not in told:
                    told.add(breach.invariant)
                    yield breach
            if owner == account.id:
                owner, postings = next(groups, (None, iter(())))

    def _account(self, account: Any, wallet: WalletCheck | None, postings: Iterator[Any]) -> Iterator[Breach]:
        balance = number = 0
        for number, posting in enumerate(postings, 1):
            balance += posting.side * posting.amount_minor
            yield from self._posting(account, posting, number, balance)
            if self.circulation is not None:
                self.circulation.take(posting)
            if wallet is not None:
                yield from wallet.take(posting)
        if account.seq != number:
            yield Breach("I2", "accounts", str(account.id), f"It counts {account.seq} postings, has {number}.")
        if account.balance_minor != balance:
            sentence = f"It stands at {account.balance_minor}; its postings come to {balance}."
            yield Breach("I2", "accounts", str(account.id), sentence)
        known = self.lines.get(account.id)
        if account.kind == "coop" and (not known or known[-1][1] != account.floor_minor):
            sentence = f"Its floor {account.floor_minor} is not that of its last credit line."
            yield Breach("I4", "accounts", str(account.id), sentence)
        if account.kind in FLOORS and account.floor_minor != FLOORS[account.kind]:
            sentence = f"Its floor {account.floor_minor} is not that of every {account.kind}."
            yield Breach("I4", "accounts", str(account.id), sentence)
        if wallet is not None:
            yield from wallet.end()
        if self.circulation is not None:
            self.circulation.end(account)

    def _posting(self, account: Any, posting: Any, number: int, balance: int) -> Iterator[Breach]:
        row = str(posting.transfer_id)
        if posting.seq != number:
            sentence = f"In account {account.id} it is posting {posting.seq}; the {number}th was due."
            yield Breach("I2", "transfers", row, sentence)
        if posting.stands_at != balance:
            sentence = f"It says that account {account.id} then stood at {posting.stands_at}; it stood at {balance}."
            yield Breach("I2", "transfers", row, sentence)
        if balance < 0 and account.kind in BOUNDED:
            yield Breach("I4", "transfers", row, f"It leaves the {account.kind} {account.id} at {balance}.")
        if posting.kind in BOUND_BY_FLOOR and posting.side < 0 and posting.amount_minor > 0:
            floor = self._floor(account.id, number)
            if floor is not None and balance < floor:
                sentence = f"It brings the co-op's account {account.id} to {balance}, below its floor {floor}."
                yield Breach("I4", "transfers", row, sentence)

    def _floor(self, account_id: int, number: int) -> int | None:
        """Give the floor that held for an account's posting, if it is known."""
        found = [floor for after_seq, floor in self.lines[account_id] if after_seq < number]
        return found[-1] if found else None
