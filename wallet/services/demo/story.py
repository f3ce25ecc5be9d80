"""The year of Alder Valley as it is told: each act of the plan happens through its use case, at its time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain import agreement
from wallet.domain.demo import polls
from wallet.domain.demo.act import DemoAct
from wallet.domain.demo.paydays import next_payday
from wallet.domain.demo.people import BY_HANDLE, PEOPLE, RUNS_AT, SIGNERS, TEMP, cashiers_of, stewards_of
from wallet.domain.demo.places import BY_SLUG, FEDERATION, TOLD, ZONE
from wallet.domain.demo.year import acts_until
from wallet.domain.dispute import Return
from wallet.domain.payfile import PayfileLine
from wallet.domain.period import day_of
from wallet.domain.refund import REASONS
from wallet.domain.shift import Register
from wallet.kit import Kit
from wallet.services.demo.book import DemoBook
from wallet.services.demo.phone import DemoPhone
from wallet.store import charters, dues, payruns, people, proposals
from wallet.store.engine import reading
from wallet.store.places import Described
from wallet.store.views import shifts

# How long a payer looks at a bill.
LOOK = timedelta(seconds=20)
# Shifts are closed on so many last evenings, so long after the last act of the day.
CLOSES_FOR, COUNTS = timedelta(days=3), timedelta(minutes=20)
# What law takes in cash of a line, told on its slip.
DEDUCTED_PERCENT = 22
# Of the run that is a draft still: somebody's 80 hours, mistyped.
MISTYPED, MISTYPED_HOURS = "ruth", 308


class Story:
    """Keep the clock of the year, the phones of its people and what was sold, and let each act happen."""

    def __init__(self, kit: Kit, book: DemoBook, ends: datetime) -> None:
        self.now = self.ends = ends
        self.kit = replace(kit, clock=lambda: self.now)
        self.book = book
        self.phones: dict[str, DemoPhone] = {}
        self.sold: dict[int, str] = {}
        self.disputed: dict[int, str] = {}
        self.ballots: dict[int, int] = {}
        self.dividend = 0
        self.dues: list[PayfileLine] = []
        self.acts: dict[str, Callable[[DemoAct], Any]] = {
            "admit": self._admit,
            "join": self._join,
            "leave": lambda act: book.leave(self.kit, act.coop, act.person),
            "customer": self._welcome,
            "grant": self._grant,
            "enrol": self._enrol,
            "floor": self._answer,
            "less": self._take_less,
            "line": lambda act: self.dues.append(_due(act.person, act.minutes, act.amount_minor)),
            "run": self._pay_all,
            "pay": lambda act: book.pay(self.kit, act.coop, act.person, act.amount_minor, act.minutes, key=_key(act)),
            "bill": self._sell,
            "code": self._charge,
            "cancelled": self._cancel,
            "refund": self._give_back,
            "dividend": self._share_out,
            "seconded": lambda act: book.approve_dividend(self.kit, act.person, self.dividend),
            "shared": lambda _act: book.post_dividend(self.kit),
            "gift": lambda act: book.give(self.kit, act.person, act.other, act.amount_minor, key=_key(act)),
            "supply": lambda act: book.supply(self.kit, act.coop, act.other, act.amount_minor, key=_key(act)),
            "fund": lambda act: book.fund(self.kit, act.coop, act.amount_minor, key=_key(act)),
            "declared": lambda act: book.declare(self.kit, act.coop, act.amount_minor, act.at.date()),
            "bought": self._buy,
            "dispute": self._dispute,
            "answer": lambda act: book.answer(self.kit, act.person, self.disputed[act.of], act.words),
            "settle": lambda act: book.settle(
                self.kit, act.person, self.disputed[act.of], Return(act.amount_minor, 0, act.words, _key(act))
            ),
            "ballot": self._open_ballot,
            "vote": self._vote,
            "counted": lambda _act: book.count(self.kit),
        }

    def tell(self) -> bool:
        """Let the whole year happen, and what is due be put in; do nothing, and say so, where another has begun."""
        acts = list(acts_until(self.ends))
        if not self.book.found(self.kit, FEDERATION, ZONE, day_of(acts[0].at, ZONE)):
            return False
        for act in acts:
            self._end_shifts_before(act.at)
            self.now = act.at
            self.acts[act.kind](act)
        self.now = self.ends
        self._pay_dues()
        return True

    def _end_shifts_before(self, at: datetime) -> None:
        """Close what is open at the counters, on each of the year's last evenings."""
        if self.ends - at <= CLOSES_FOR and day_of(at, ZONE) != day_of(self.now, ZONE):
            self.now += COUNTS
            for place in BY_SLUG.values():
                for till in place.till_ids():
                    self._close(till, cashiers_of(place.slug)[0])

    def _close(self, till: str, cashier: str) -> None:
        with reading(self.kit.engine) as connection:
            place = shifts.counter(connection, till, cashier, self.kit.clock())
            running = shifts.running(connection, till, place.account_id) if place else None
        if running is not None:
            register = Register(running.totals.res_minor, running.totals.cash_minor)
            self.book.close(self.kit, till, cashier, running.id, register)

    def _admit(self, act: DemoAct) -> None:
        place = BY_SLUG[act.coop]
        self.book.admit_coop(
            self.kit,
            place.slug,
            place.line_minor,
            name=place.name,
            need=place.need,
            place=place.address,
            mark=place.mark,
        )
        offers, open_hours = TOLD[place.slug]
        self.book.describe(self.kit, place.slug, Described(offers, place.address, open_hours, place.need))
        for till, name in zip(place.till_ids(), place.tills, strict=True):
            self.book.open_till(self.kit, place.slug, till, name)

    def _join(self, act: DemoAct) -> None:
        self.book.join(self.kit, act.coop, act.person, **_named(act.person))
        self._agree(act.person)

    def _welcome(self, act: DemoAct) -> None:
        self.book.accept_customer(self.kit, act.person, **_named(act.person))
        if act.person == TEMP:
            self._agree(act.person)

    def _agree(self, handle: str) -> None:
        self.book.agree(self.kit, self._id(handle), str(agreement.VERSION), agreement.words())

    def _take_less(self, act: DemoAct) -> None:
        self.book.take_less(self.kit, self._id(act.person), act.person, act.amount_minor)

    def _answer(self, act: DemoAct) -> None:
        self.book.answer_floor(self.kit, act.person, act.coop, act.amount_minor, BY_HANDLE[act.person].name)

    def _pay_all(self, act: DemoAct) -> None:
        """Pay the lines that have gathered, in a run that is signed by two and posted at once."""
        maker, second = SIGNERS
        number = self._draft(maker, day_of(self.now, ZONE), self.dues)
        self.book.submit(self.kit, maker, act.coop, number, self._rev(number))
        self.book.approve(self.kit, second, act.coop, number, self._rev(number))
        self.book.post(self.kit, act.coop, number)
        self.dues = []

    def begin_draft(self, engine: sa.Engine) -> None:
        """Leave the next payday's run as a draft in which one line has more hours than a month bears."""
        self.kit = replace(self.kit, engine=engine)
        workers = [one for one in PEOPLE if one.works_at == (RUNS_AT,)]
        hours = {one.handle: one.hours for one in workers} | {MISTYPED: MISTYPED_HOURS}
        dues = [_due(one.handle, hours[one.handle] * 60, hours[one.handle] * one.wage_minor) for one in workers]
        self._draft(SIGNERS[0], next_payday(self.now.date()).isoformat(), dues)

    def _draft(self, maker: str, pay_on: str, dues: list[PayfileLine]) -> int:
        number: int = self.book.draft(self.kit, maker, RUNS_AT, pay_on)
        self.book.fill(self.kit, maker, RUNS_AT, number, self._rev(number), dues)
        return number

    def _share_out(self, act: DemoAct) -> None:
        """Draft the dividend of the months before this one."""
        ends_on = self.now.date().replace(day=1)
        self.dividend = self.book.draft_dividend(self.kit, act.person, ends_on, act.amount_minor)

    def _pay_dues(self) -> None:
        """Let every other co-op put in what it is still asked for; the rest stays open."""
        with reading(self.kit.engine) as connection:
            found = charters.in_hand(connection, self.kit.charter, self.now)
            assert found is not None, "the story begins with it"
            period = dues.period(connection, found, ZONE, None, self.now)
            asked = {one.slug: one for one in dues.of_all(connection, period, found, ZONE)}
        for slug in [*BY_SLUG][::2]:
            if asked[slug].open_minor:
                self.book.fund(self.kit, slug, asked[slug].open_minor, key=f"demo-due-{slug}")

    def _rev(self, number: int) -> int:
        with reading(self.kit.engine) as connection:
            return payruns.find(connection, RUNS_AT, number).rev

    def _id(self, handle: str) -> int:
        with reading(self.kit.engine) as connection:
            return people.holder(connection, handle).id

    def _grant(self, act: DemoAct) -> None:
        role = BY_HANDLE[act.person].role
        self.book.grant(self.kit, act.person, role, None if role == "facilitator" else act.coop)

    def _enrol(self, act: DemoAct) -> None:
        self.phones[act.person] = DemoPhone.enrolled(lambda key: self.book.enrol(self.kit, act.person, key))

    def _bill(self, act: DemoAct) -> Any:
        return self.book.open_bill(self.kit, act.till, act.other, **_sums(act))

    def _sell(self, act: DemoAct) -> None:
        bill = self._bill(act)
        self.now += LOOK
        self.sold[act.number] = self.book.pay_bill(self.kit, bill.code, act.person, key=_key(act)).ref

    def _cancel(self, act: DemoAct) -> None:
        bill = self._bill(act)
        self.now += LOOK
        self.book.cancel_bill(self.kit, bill.code, act.other)

    def _charge(self, act: DemoAct) -> None:
        token = self.phones[act.person].token(self.now)
        self.sold[act.number] = self.book.scan(self.kit, act.till, act.other, token=token, **_sums(act)).ref

    def _give_back(self, act: DemoAct) -> None:
        reason, parts = REASONS[act.number % len(REASONS)], (act.amount_minor, act.cash_minor)
        self.book.refund(self.kit, self.book.ask(self.sold[act.of], act.other, *parts, reason, None, _key(act)))

    def _buy(self, act: DemoAct) -> None:
        """Let a co-op pay a bill of another; where that takes two, the second steward agrees while it waits."""
        bill = self._bill(act)
        self.now += LOOK
        if self.book.buy(self.kit, act.person, act.coop, bill.code, key=_key(act)).receipt is None:
            with reading(self.kit.engine) as connection:
                asked = proposals.waiting(connection, self.now)[-1]
            self.book.second(self.kit, stewards_of(act.coop)[1], asked.id)

    def _dispute(self, act: DemoAct) -> None:
        self.disputed[act.of] = self.book.dispute(self.kit, act.person, self.sold[act.of], act.words).ref

    def _open_ballot(self, act: DemoAct) -> None:
        poll = polls.BY_NUMBER[act.of]
        asked = poll.to_value, poll.reason, polls.OPEN_DAYS
        number = self.ballots[act.of] = self.book.propose(self.kit, act.person, *asked, parameter=poll.parameter)
        self.book.open_ballot(self.kit, act.other, number)

    def _vote(self, act: DemoAct) -> None:
        """Cast a vote as personas do, who have no passkey."""
        booth = replace(self.kit, settings=replace(self.kit.settings, demo=True))
        self.book.vote(booth, self.ballots[act.of], act.coop, self._id(act.person), act.words, None)


def _due(handle: str, minutes: int, total_minor: int) -> PayfileLine:
    deductions = total_minor * DEDUCTED_PERCENT // 100
    return PayfileLine(0, handle, "", minutes, total_minor, deductions)


def _named(handle: str) -> dict[str, str]:
    someone = BY_HANDLE[handle]
    return {"name": someone.name, "counter_name": someone.counter_name}


def _key(act: DemoAct) -> str:
    return f"demo-{act.number}"


def _sums(act: DemoAct) -> dict[str, Any]:
    return {"amount_minor": act.amount_minor, "cash_minor": act.cash_minor, "note": None, "key": _key(act)}
