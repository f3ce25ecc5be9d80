"""One wallet, replayed from its first posting: what it may count, and the running rows of its person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wallet.store.verify import payshares
from wallet.store.verify.breach import Breach
from wallet.store.verify.charters import Charters
from wallet.store.verify.payshares import KeptShare
from wallet.store.verify.running import DAY, RUNNING, Facts, Figures


@dataclass
class WalletCheck:
    """Replay one wallet; `take` its postings in their order, then `end`."""

    account: Any
    charters: Charters
    facts: Facts
    stored: dict[str, Figures]
    kept: dict[str, KeptShare]
    # Of lines of a run: the share of their month, whatever else bounded them.
    entitled: dict[str, int]
    last_paid: dict[int, int]
    balance: int = 0
    eligible: int = 0
    eligible_minutes: int = 0
    basis: int = 0
    qualified: int = 0
    paid_res: int = 0
    sales: dict[int, tuple[Any, list[int]]] = field(default_factory=dict)
    paid_at: dict[int, int] = field(default_factory=dict)
    paid_lines: list[tuple[int, str, int]] = field(default_factory=list)
    running: dict[str, Figures] = field(default_factory=lambda: {table: {} for table in RUNNING})

    def take(self, posting: Any) -> Iterator[Breach]:
        """Do what a posting does to a wallet, and hold it against what it says."""
        if posting.kind == "pay":
            yield from self._pay(posting)
        elif posting.kind == "refund":
            yield from self._refund(posting)
        elif posting.side > 0:
            self.balance += posting.amount_minor
        else:
            yield from self._outflow(posting)
        if not 0 <= self.eligible <= max(self.balance, 0):
            yield self._wrong(posting, f"Eligible {self.eligible} is not within the balance {self.balance}.")
        if self.basis + self.eligible > self.paid_res:
            yield self._wrong(posting, "Basis and eligible RES are more than was ever paid.")

    def end(self) -> Iterator[Breach]:
        """Hold the wallet's stored figures and its person's running rows against the replay."""
        account = self.account
        stored = (account.eligible_minor, account.eligible_minutes, account.basis_minor, account.qualified_minutes)
        found = (self.eligible, self.eligible_minutes, self.basis, self.qualified)
        if stored != found:
            names = ("eligible", "eligible minutes", "basis", "qualified minutes")
            wrong = [
                f"{name} {was}, comes to {is_}"
                for name, was, is_ in zip(names, stored, found, strict=True)
                if was != is_
            ]
            yield Breach("I9", "accounts", str(account.id), "; ".join(wrong).capitalize() + ".")
        for table, mine in self.running.items():
            theirs = self.stored.get(table, {})
            for key in sorted(mine.keys() | theirs.keys()):
                was, is_ = _figures(theirs, key), _figures(mine, key)
                if was != is_:
                    name = "/".join(map(str, (account.person_id, *key)))
                    yield Breach("I9", table, name, f"It says {was}; the journal comes to {is_}.")
        for coop in sorted(self.paid_at.keys() | self.last_paid.keys()):
            said, came = self.last_paid.get(coop), self.paid_at.get(coop)
            if said != came:
                sentence = f"It says that the co-op paid at {said} last; the journal comes to {came}."
                yield Breach("I9", "own_set", f"{account.person_id}/{coop}", sentence)
        patronage = self.running["patronage_months"]
        yield from payshares.check(account.person_id, patronage, self.kept, self.paid_lines, self.charters)

    def _pay(self, posting: Any) -> Iterator[Breach]:
        month, total, res = self._month(posting), posting.total_minor, posting.amount_minor
        if None in (total, posting.minutes, posting.counted_minutes, posting.share_bp) or total <= 0:
            yield Breach("I10", "transfers", str(posting.transfer_id), "A pay line lacks its figures.")
            return
        share, halves = posting.share_bp, 2 * total * posting.share_bp
        # The nearest whole unit, halves up; how the lines of a run are split is looked at with their run.
        alone = posting.ref not in self.entitled
        if alone and (not 20_000 * res - 10_000 <= halves < 20_000 * res + 10_000 or not 0 <= share <= 10_000):
            sentence = f"{res} of {total} is not its share of {share} basis points."
            yield Breach("I10", "transfers", str(posting.transfer_id), sentence)
        if res + posting.cash_minor != total:
            yield Breach("I10", "transfers", str(posting.transfer_id), "RES and cash are not the total.")
        work = self.running["work_months"].setdefault((month,), [0])
        charter = self.charters.month(month)
        most = charter.month_minutes_max
        counted = posting.minutes if most is None else max(0, min(posting.minutes, most - work[0]))
        if counted != posting.counted_minutes:
            yield self._wrong(posting, f"It counts {posting.counted_minutes} minutes; {counted} were left to count.")
        work[0] += counted
        bound = total if most is None else min(total, charter.rate_max_minor * counted // 60)
        self.balance += res
        self.paid_res += res
        self.eligible += res * bound // total
        self.eligible_minutes += counted * res // total
        self._add("patronage_months", (month, month), total, 0)
        self.paid_lines.append((posting.transfer_id, month, self.entitled.get(posting.ref, share)))
        place = self.facts.places.get(posting.other_id)
        if place is not None:
            self.paid_at[place] = posting.at

    def _outflow(self, posting: Any) -> Iterator[Breach]:
        amount = posting.amount_minor
        self.balance -= amount
        if posting.kind == "sale":
            self.sales[posting.transfer_id] = (posting, [0, 0, 0, 0])
            if posting.means == "code":
                self._add("code_days", (self.facts.day(posting.at),), amount)
        x = y = 0
        if posting.kind == "sale" and posting.qualifies:
            if self.eligible > 0:
                x = min(self.eligible, amount)
                y = self.eligible_minutes * x // self.eligible
            self._move(-x, -y)
            month = self._month(posting)
            self._add("patronage_months", (month, month), 0, amount + self._counted_cash(posting, month))
            self._add("basis_months", (month,), x, y)
            if self._was_paid_by(posting):
                yield self._wrong(posting, "It qualifies, and yet it was at a co-op that had paid the payer lately.")
        elif self.eligible > (left := max(self.balance, 0)):
            self.eligible_minutes = self.eligible_minutes * left // self.eligible
            self.eligible = left
        if posting.kind == "sale" and (posting.basis_minor, posting.basis_minutes) != (x, y):
            said = f"{posting.basis_minor} and {posting.basis_minutes}"
            yield self._wrong(posting, f"It says it moved basis and minutes {said}; it moved {x} and {y}.")

    def _refund(self, posting: Any) -> Iterator[Breach]:
        row, (sale, before) = str(posting.transfer_id), self.sales.get(posting.answers_id, (None, []))
        self.balance += posting.amount_minor
        if sale is None:
            yield Breach("I8", "transfers", row, "It gives back what this wallet had not paid.")
            return
        if posting.other_id != sale.other_id:
            yield Breach("I8", "transfers", row, "It is not given back by where the sale went.")
        res, cash = before[0] + posting.amount_minor, before[1] + posting.cash_minor
        if res > sale.amount_minor or cash > sale.cash_minor:
            sentence = f"With it, {res} and {cash} of cash are given back; the sale was {sale.amount_minor} and "
            yield Breach("I8", "transfers", row, f"{sentence}{sale.cash_minor}.")
        x = y = 0
        if sale.qualifies and sale.amount_minor > 0:
            x = res * (sale.basis_minor or 0) // sale.amount_minor - before[2]
            y = res * (sale.basis_minutes or 0) // sale.amount_minor - before[3]
        before[:] = [res, cash, before[2] + x, before[3] + y]
        if (posting.basis_minor or 0, posting.basis_minutes or 0) != (x, y):
            said = f"{posting.basis_minor} and {posting.basis_minutes}"
            yield Breach("I8", "transfers", row, f"It gives back basis and minutes {said}; {x} and {y} were due.")
        if sale.qualifies:
            self._move(x, y)
            month, sold_in = self._month(posting), self._month(sale)
            counts_in = sold_in if _months_between(sold_in, month) <= 2 else month
            back = posting.amount_minor + self._counted_cash(posting, sold_in)
            self._add("patronage_months", (counts_in, month), 0, -back)
            self._add("basis_months", (sold_in,), -x, -y)

    def _move(self, eligible: int, minutes: int) -> None:
        """Move RES and minutes back to eligible, or with less than nothing on to basis."""
        self.eligible += eligible
        self.eligible_minutes += minutes
        self.basis -= eligible
        self.qualified -= minutes

    def _add(self, table: str, key: tuple[str, ...], *figures: int) -> None:
        row = self.running[table].setdefault(key, [0] * len(figures))
        row[:] = [was + more for was, more in zip(row, figures, strict=True)]

    def _counted_cash(self, posting: Any, sold_in: str) -> int:
        return int(posting.cash_minor) if self.charters.month(sold_in).count_logged_cash else 0

    def _month(self, posting: Any) -> str:
        return self.facts.month(posting.at)

    def _was_paid_by(self, posting: Any) -> bool:
        paid = self.paid_at.get(self.facts.places.get(posting.other_id, -1))
        return paid is not None and posting.at - paid <= self.charters.month(self._month(posting)).own_set_days * DAY

    def _wrong(self, posting: Any, sentence: str) -> Breach:
        return Breach("I9", "transfers", str(posting.transfer_id), sentence)


def _figures(rows: Figures, key: tuple[Any, ...]) -> list[int]:
    """Give a row's figures; a row of nothing and no row are one."""
    found = rows.get(key, [])
    return found if any(found) else []


def _months_between(earlier: str, later: str) -> int:
    return (int(later[:4]) - int(earlier[:4])) * 12 + int(later[5:7]) - int(earlier[5:7])
