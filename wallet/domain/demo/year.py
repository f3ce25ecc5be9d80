"""A year in Alder Valley, planned from a seed: who does what and when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from wallet.domain.charter import Charter
from wallet.domain.demo import polls
from wallet.domain.demo.act import DemoAct
from wallet.domain.demo.complaints import Quarrels
from wallet.domain.demo.dice import Dice
from wallet.domain.demo.paydays import PAYDAYS, paydays_before
from wallet.domain.demo.people import (
    AWAY,
    BY_HANDLE,
    CASH_HOUR_MINOR,
    CHOSEN_IN,
    FACILITATORS,
    MODEST,
    MOVED_FROM,
    MOVED_IN,
    MOVED_TO,
    MOVER,
    PEOPLE,
    RUNS_AT,
    SHARED_IN,
    SIGNERS,
    TAKES_BP,
    TEMP,
    TEMP_MONTHS,
    WITH_CODES,
    Someone,
    cashiers_of,
    percent_spent,
    stewards_of,
)
from wallet.domain.demo.places import (
    ADMITTED_IN,
    BOUGHT,
    BY_SLUG,
    DECLARED_IN,
    LATECOMER,
    OWNED,
    PLACES,
    SUPPLIES,
    VISITED,
    Venue,
)
from wallet.domain.demo.purses import Purses
from wallet.domain.period import next_month

SUNDAY = 6
# A counter has this long for a bill before the next thing happens.
PACE = timedelta(seconds=40)
ALONE_MINOR = Charter().refund_limit_minor
FOOD = tuple(place.slug for place in PLACES if place.need == "food")
SMALL_PURCHASES_MINOR = 11_000
LARGE_PURCHASE_MINOR = 60_000
# A ballot was held from this month on.
PAST_BALLOT_IN = 2
# Each place as many times as people work there, who are all paid and spend.
WORKPLACES = tuple(someone.works_at[0] for someone in PEOPLE if someone.works_at)


def acts_until(now: datetime) -> Iterator[DemoAct]:
    """Plan the year that ends at `now`, in the order in which it happens."""
    return _Year(now).run()


class _Year:
    """Keep the year's wishes in their order, and let those come true that can be paid."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.paydays = paydays_before(now.date())
        self.dice = Dice(f"Alder Valley {now.date().isoformat()}")
        self.first = f"{self.paydays[0].isoformat()[:7]}-01"
        self.purses = Purses(self.dice)
        self.wishes: list[DemoAct] = []
        self.quarrels = Quarrels(now)
        self.numbers = 0

    def run(self) -> Iterator[DemoAct]:
        yield from self._beginnings()
        self._plan_changes()
        for month in range(PAYDAYS):
            self._plan_office(month)
        for month in range(PAYDAYS + 1):
            self._plan_counters(month)
        self._plan_last_days()
        opened = self.now.replace(hour=9, minute=0, second=0, microsecond=0)
        for held in polls.both(self._at(PAST_BALLOT_IN, 2, 9 * 60), opened, self.dice):
            self._follow(held)
        heapify(self.wishes)
        last = free = datetime.min.replace(tzinfo=UTC)
        while self.wishes:
            wish = heappop(self.wishes)
            act = self.purses.fulfil(replace(wish, at=max(wish.at, free)))
            if act is None or act.at > self.now - PACE:
                continue
            free = act.at + (timedelta(seconds=1) if act.kind in ("pay", "line", "run", "supply", "fund") else PACE)
            said, last = self.quarrels.about(act), act.at
            for later in said:
                self._follow(later)
            if not said:
                self._plan_refund(act)
            yield act
        for asked in self.quarrels.waiting(last):
            yield self._numbered(asked)

    def _beginnings(self) -> Iterator[DemoAct]:
        day = self._at(0, 1, 8 * 60)
        for place in PLACES:
            if place.slug != LATECOMER:
                yield self._act(day, "admit", place.slug)
        for someone in PEOPLE:
            joins = [coop for coop in someone.works_at if coop != LATECOMER and someone.handle != TEMP]
            if not joins:
                yield self._act(day, "customer", person=someone.handle)
            for coop in joins:
                self.purses.join(someone.handle, coop)
                yield self._act(day, "join", coop, someone.handle)
            if someone.role and joins:
                yield self._act(day, "grant", someone.works_at[0], someone.handle)
        yield self._act(day, "floor", RUNS_AT, SIGNERS[0], amount_minor=CASH_HOUR_MINOR)
        for handle in WITH_CODES:
            yield self._act(day, "enrol", person=handle)

    def _plan_changes(self) -> None:
        day = self._at(ADMITTED_IN, 2, 9 * 60)
        self._wish(day, "admit", LATECOMER)
        for someone in PEOPLE:
            if LATECOMER in someone.works_at:
                self._wish(day, "join", LATECOMER, someone.handle)
                if someone.role:
                    self._wish(day, "grant", LATECOMER, someone.handle)
        moved = self._at(MOVED_IN, 1, 9 * 60)
        self._wish(moved, "leave", MOVED_FROM, MOVER)
        self._wish(moved, "join", MOVED_TO, MOVER)
        first, second = FACILITATORS
        # Of the months before; its cut-off is over on the 15th, and everybody sees it for a week.
        self._wish(self._at(SHARED_IN, 16, 10 * 60), "dividend", person=first)
        self._wish(self._at(SHARED_IN, 17, 18 * 60), "seconded", person=second)
        self._wish(self._at(SHARED_IN, 24, 12 * 60), "shared")
        for slug, owned_minor in OWNED.items():
            self._wish(self._at(DECLARED_IN, 20, 19 * 60), "declared", slug, amount_minor=owned_minor)
        self._wish(self._at(CHOSEN_IN, 12, 20 * 60), "less", person=MODEST, amount_minor=TAKES_BP)

    def _plan_office(self, month: int) -> None:
        payday = datetime.combine(self.paydays[month], datetime.min.time(), UTC) + timedelta(hours=15)
        for someone in PEOPLE:
            for coop in self._paid_by(someone, month):
                hours = max(8, someone.hours + self.dice.between(-8, 8)) // len(someone.works_at)
                kind, due = "line" if coop == RUNS_AT else "pay", hours * someone.wage_minor
                self._wish(payday, kind, coop, someone.handle, amount_minor=due, minutes=hours * 60)
        self._wish(payday, "run", RUNS_AT)
        for buyer, seller, usual in SUPPLIES:
            amount = usual + self.dice.between(-20, 20) * 50
            self._wish(
                self._at(month, self.dice.between(5, 20), 11 * 60), "supply", buyer, other=seller, amount_minor=amount
            )
        if month % 3 == 2:
            for place in PLACES:
                if place.slug != LATECOMER or month > ADMITTED_IN:
                    self._wish(payday, "fund", place.slug, amount_minor=self.dice.between(10, 45) * 100)

    def _plan_counters(self, month: int) -> None:
        for someone in PEOPLE:
            self._plan_large_purchases(month, someone)
            for number in range(self.dice.between(2, 4) if someone.works_at else self.dice.between(0, 2)):
                place = self.dice.pick(VISITED)
                if someone.works_at and (number == 0 or (percent_spent(someone) == 0 and month < PAYDAYS)):
                    place = BY_SLUG[someone.works_at[0]]
                if place.slug != LATECOMER or month > ADMITTED_IN:
                    day, minute = self.dice.between(1, 30), self.dice.between(8 * 60, 18 * 60)
                    self._wish_purchase(self._at(month, day, minute), someone.handle, place)
        for _gift in range(5):
            giver, taker = self.dice.pick(PEOPLE), self.dice.pick(PEOPLE[-9:] if self.dice.below(3) else PEOPLE)
            if giver is not taker:
                day, minute = self.dice.between(1, 30), self.dice.between(9 * 60, 21 * 60)
                amount = self.dice.between(2, 12) * 250
                self._wish(
                    self._at(month, day, minute), "gift", person=giver.handle, other=taker.handle, amount_minor=amount
                )

    def _plan_large_purchases(self, month: int, someone: Someone) -> None:
        """Let somebody spend what they mean to at other co-ops: rent, fees, a bicycle, the week's shopping."""
        rest = someone.hours * someone.wage_minor * percent_spent(someone) // 100 - SMALL_PURCHASES_MINOR
        parts = 1 + rest // LARGE_PURCHASE_MINOR
        for part in range(parts if rest > 0 else 0):
            slug = self.dice.pick(WORKPLACES)
            amount = rest // parts * self.dice.between(85, 115) // 1000 * 10
            day, minute = 1 + part * 26 // parts + self.dice.below(3), self.dice.between(8 * 60, 18 * 60)
            if slug not in someone.works_at and (slug != LATECOMER or month > ADMITTED_IN):
                till = self.dice.pick(BY_SLUG[slug].till_ids())
                at, cashier = self._at(month, day, minute), self._cashier(slug, someone.handle)
                self._wish(at, "bill", slug, someone.handle, cashier, amount_minor=amount, till=till)

    def _plan_last_days(self) -> None:
        """Give Ana, whom visitors meet first, and the busiest tills something to look at in the days before `now`."""
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        for days, minute, slug, amount, cash, kind in (
            (5, 9 * 60 + 12, "farm", 1_840, 0, "bill"),
            (4, 12 * 60 + 31, "canteen", 980, 0, "code"),
            (2, 17 * 60 + 44, "clinic", 3_200, 1_000, "bill"),
            (1, 8 * 60 + 2, "bakery", 620, 0, "code"),
            (1, 18 * 60 + 5, "mill", 760, 0, "bill"),
            (0, 7 * 60 + 40, "grocery", 1_250, 250, "bill"),
        ):
            till = BY_SLUG[slug].till_ids()[-1]
            at = today - timedelta(days=days) + timedelta(minutes=minute)
            cashier = self._cashier(slug, "ana")
            self._wish(at, kind, slug, "ana", cashier, amount_minor=amount, cash_minor=cash, till=till)
        for days in (2, 1, 0):
            for slug in ("bakery", "bakery", "grocery", "canteen", "mill"):
                at = today - timedelta(days=days) + timedelta(minutes=self.dice.between(7 * 60, 15 * 60))
                self._wish_purchase(at, self.dice.pick(PEOPLE).handle, BY_SLUG[slug])
        month = today.replace(day=1)
        for someone in PEOPLE:
            if someone.works_at and percent_spent(someone) == 0:
                # At the floor so far; their next share begins to move.
                for part, slug in enumerate([slug for slug in FOOD if slug not in someone.works_at][:3], start=1):
                    self._wish_purchase(month + (self.now - month) * part // 5, someone.handle, BY_SLUG[slug])
        helped = BY_HANDLE[TEMP].works_at[0]
        at, cashier, till = today - timedelta(days=20, hours=-17), self._cashier(helped, TEMP), f"{helped}-1"
        self._wish(at, "bill", helped, TEMP, cashier, amount_minor=640, cash_minor=640, till=till)
        for days, hour, giver, taker, amount in ((3, 20, "ben", "ana", 2_000), (2, 18, "ana", "dee", 450),
                                                 (6, 19, "eve", "joy", 1_250)):  # fmt: skip
            friend = today - timedelta(days=days) + timedelta(hours=hour)
            self._wish(friend, "gift", person=giver, other=taker, amount_minor=amount)
        for days, minute, buyer, seller, amount in BOUGHT:
            at, till = today - timedelta(days=days) + timedelta(minutes=minute), BY_SLUG[seller].till_ids()[-1]
            steward, cashier = stewards_of(buyer)[0], cashiers_of(seller)[0]
            self._wish(at, "bought", buyer, steward, cashier, amount_minor=amount, till=till)

    def _wish_purchase(self, at: datetime, handle: str, place: Venue) -> None:
        if at.weekday() == SUNDAY and place.need != "food":
            at += timedelta(days=1)
        amount = self.dice.between(place.least_minor // 10, place.most_minor // 10) * 10
        cash = amount // 2 // 50 * 50 if self.dice.one_in(7) else 0
        kind = "code" if handle in WITH_CODES and self.dice.one_in(2) else "bill"
        if self.dice.one_in(60):
            kind = "cancelled"
        cashier = self._cashier(place.slug, handle)
        till = self.dice.pick(place.till_ids())
        self._wish(at, kind, place.slug, handle, cashier, amount_minor=amount, cash_minor=cash, till=till)

    def _plan_refund(self, sale: DemoAct) -> None:
        if sale.kind not in ("bill", "code") or not self.dice.one_in(28):
            return
        res, cash = sale.amount_minor - sale.cash_minor, sale.cash_minor
        if self.dice.one_in(2):
            res, cash = res // 2, cash // 2
        # What a cashier gives back alone, and never to themselves.
        res = min(res, ALONE_MINOR)
        parts = {"amount_minor": res, "cash_minor": min(cash, ALONE_MINOR - res), "of": sale.number}
        if res + cash > 0 and sale.other != sale.person:
            later = sale.at + timedelta(days=self.dice.between(1, 6))
            self.quarrels.refunded.add(sale.number)
            self._follow(DemoAct(later, 0, "refund", sale.coop, sale.person, sale.other, **parts))  # type: ignore[arg-type]

    def _paid_by(self, someone: Someone, month: int) -> tuple[str, ...]:
        if month in AWAY.get(someone.handle, ()) or (someone.handle == TEMP and month not in TEMP_MONTHS):
            return ()
        if someone.handle == MOVER and month >= MOVED_IN:
            return (MOVED_TO,)
        return tuple(coop for coop in someone.works_at if coop != LATECOMER or month >= ADMITTED_IN)

    def _cashier(self, coop: str, payer: str) -> str:
        """Pick who serves; nobody serves themselves while a colleague can."""
        able = cashiers_of(coop)
        return self.dice.pick([one for one in able if one != payer] or able)

    def _at(self, month: int, day: int, minute: int) -> datetime:
        start = datetime.fromisoformat(f"{next_month(self.first[:7], month)}-01T00:00:00+00:00")
        last = datetime.fromisoformat(f"{next_month(self.first[:7], month + 1)}-01T00:00:00+00:00") - timedelta(days=1)
        return start.replace(day=min(day, last.day)) + timedelta(minutes=minute, seconds=self.dice.below(60))

    def _act(
        self, at: datetime, kind: str, coop: str = "", person: str = "", other: str = "", **more: object
    ) -> DemoAct:
        self.numbers += 1
        return DemoAct(at, self.numbers, kind, coop, person, other, **more)  # type: ignore[arg-type]

    def _wish(self, at: datetime, kind: str, coop: str = "", person: str = "", other: str = "", **more: object) -> None:
        self.wishes.append(self._act(at, kind, coop, person, other, **more))

    def _numbered(self, act: DemoAct) -> DemoAct:
        self.numbers += 1
        return replace(act, number=self.numbers)

    def _follow(self, act: DemoAct) -> None:
        """Wish for what follows from something else."""
        heappush(self.wishes, self._numbered(act))
