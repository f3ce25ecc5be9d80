"""The machine that moves RES in every way there is, on the wallet and on the oracle alike."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.clock import Clock
from tests.figures import coop_balances, figures, pool_balance, shares_by_month
from tests.giving_back import refund_sale
from tests.model import OWN_SET, Model, No
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import gifts, histories, members, network, payments
from wallet.store import verify
from wallet.store.engine import snapshot

MOST = 999_999_999_999
PEOPLE, COOPS = ["ana", "ben", "cleo"], ["bakery", "farm", "kiosk"]
people, coops = st.sampled_from([*PEOPLE * 4, "nobody"]), st.sampled_from([*COOPS * 4, "nowhere"])
small = st.integers(1, 20_00)
amounts = st.one_of(small, small, small, st.sampled_from([1, 12_50, 50_00, 50_01, MOST]), st.integers(1, MOST))
totals = st.one_of(st.sampled_from([1, 4, 5, 2_400_00, MOST]), st.integers(1, 10_000_00))
cash_parts = st.sampled_from([0, 0, 0, 1, 2_50])
ticks = st.sampled_from([1, 1, 4, 10, 29, 30, 31, 60, 179, 180, 86_400, 20 * 86_400, 90 * 86_400])
MICROSECOND = timedelta(microseconds=1)


class Books(RuleBasedStateMachine):
    """Do the same on the wallet and on the oracle; `fresh` opens an empty database for each run."""

    fresh: Callable[[], tuple[Kit, Callable[[], None]]]
    ends: Counter[tuple[str, str]]
    database: str

    def __init__(self) -> None:
        super().__init__()
        self.kit, self.close = type(self).fresh()
        clock = self.kit.clock
        assert isinstance(clock, Clock)
        self.clock, self.model = clock, Model()
        self.sales: list[tuple[str, str]] = []
        self.done: list[Callable[..., Any]] = []
        self.keys = 0

    def teardown(self) -> None:
        self.close()

    def key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"

    def both(self, ours: Callable[[], Any], oracle: Callable[[], Any]) -> tuple[Any, Any]:
        """Do it here and there: both answer, or both refuse with one code (and then this gives None twice)."""
        code = wanted = answer = expected = None
        try:
            expected = oracle()
        except No as no:
            wanted = no.code
        try:
            answer = ours()
        except Refusal as refusal:
            code = refusal.code
        assert code == wanted
        service = ours
        while isinstance(service, partial):
            service = service.func
        type(self).ends[service.__name__, code or "done"] += 1
        return answer, expected

    def money(self, ours: Callable[..., Any], oracle: Callable[[], Any], refunds: str | None = None) -> None:
        """Do a movement with a key, so that it can be sent again later; `refunds` names it in the oracle if a sale."""
        act = partial(ours, key=self.key())
        posted, _ = self.both(act, oracle)
        if posted is not None:
            self.done.append(act)
            if refunds is not None:
                self.sales.append((posted.ref, refunds))

    @property
    def now(self) -> Any:
        return self.clock.now

    @initialize(lines=st.lists(st.sampled_from([0, 50_00, MOST]), min_size=2, max_size=2))
    def found(self, lines: list[int]) -> None:
        network.found_federation(self.kit, "Machine")
        members.accept_customer(self.kit, "cy")
        self.model.customer(self.now, "cy")
        for coop, line in zip(COOPS, [*lines, MOST], strict=True):
            self.admit(coop, line)
            network.open_till(self.kit, coop, coop, "Counter")
            members.grant(self.kit, "cy", "cashier", coop)
        for person in PEOPLE:
            members.accept_customer(self.kit, person)
            self.model.customer(self.now, person)
            # Everybody has RES from the start, so that not every run begins with refusals.
            self.pay(COOPS[2], person, 2_500_00, 9_000)

    @rule(seconds=ticks)
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def buy_when_pay_of_ninety_days_ago_stops_to_count(self, data: st.DataObject, person: str) -> None:
        paid = {coop: at for coop, at in self.model.people[person].last_pay.items() if at + OWN_SET > self.now}
        if paid:
            coop = data.draw(st.sampled_from(sorted(paid)))
            for moment in (paid[coop] + OWN_SET, paid[coop] + OWN_SET + MICROSECOND):
                self.clock.set(moment)
                self.sell(coop, person, 1, 1, "so much")

    @rule(coop=st.sampled_from(COOPS), line=st.sampled_from([0, 50_00, MOST]))
    def admit(self, coop: str, line: int) -> None:
        self.both(partial(network.admit_coop, self.kit, coop, line), partial(self.model.coop, self.now, coop, line))

    @rule(coop=coops)
    def coop_leaves(self, coop: str) -> None:
        self.both(partial(network.coop_leaves, self.kit, coop), partial(self.model.coop_leaves, self.now, coop))

    @rule(coop=coops, person=people)
    def join(self, coop: str, person: str) -> None:
        self.both(partial(members.join, self.kit, coop, person), partial(self.model.member, self.now, coop, person))

    @rule(coop=coops, person=people)
    def leave(self, coop: str, person: str) -> None:
        oracle = partial(self.model.member_leaves, self.now, coop, person)
        self.both(partial(members.leave, self.kit, coop, person), oracle)

    @rule(person=people)
    def accept(self, person: str) -> None:
        self.both(partial(members.accept_customer, self.kit, person), partial(self.model.customer, self.now, person))

    @rule(coop=coops, person=st.sampled_from(PEOPLE), total=totals, minutes=st.integers(0, 20_000))
    def pay(self, coop: str, person: str, total: int, minutes: int) -> None:
        line = (coop, person, total, minutes)
        self.money(partial(histories.pay, self.kit, *line), partial(self.model.pay, self.now, *line))

    @rule(
        coop=coops, person=people, res=amounts, cash=cash_parts, spend=st.sampled_from(["so much", "all", "one more"])
    )
    def sell(self, coop: str, person: str, res: int, cash: int, spend: str) -> None:
        if spend != "so much" and person in self.model.people:
            res = self.model.people[person].balance + (spend == "one more")
        if res + cash == 0:
            return
        sale, name = (coop, person, res, cash), f"sale {self.keys}"
        self.money(partial(histories.sell, self.kit, *sale), partial(self.model.sale, self.now, *sale, name), name)

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), part=st.sampled_from(["all", "third", "one more"]), cash=st.booleans())
    def refund(self, data: st.DataObject, part: str, cash: bool) -> None:
        ref, name = data.draw(st.sampled_from(self.sales))
        sale = self.model.sales[name]
        res = {"all": sale.res - sale.refunded, "third": sale.res // 3, "one more": sale.res - sale.refunded + 1}[part]
        coins = sale.cash if cash else 0
        if res + coins > 0:
            oracle = partial(self.model.refund, self.now, name, res, coins)
            self.both(partial(refund_sale, self.kit, ref, res, coins), oracle)

    @rule(person=people, other=people, amount=amounts, everything=st.booleans())
    def give(self, person: str, other: str, amount: int, everything: bool) -> None:
        if everything and person in self.model.people:
            amount = self.model.people[person].balance or amount
        gift = (person, other, amount)
        self.money(partial(gifts.send, self.kit, *gift), partial(self.model.gift, self.now, *gift))

    @rule(coop=coops, other=coops, amount=amounts)
    def supply(self, coop: str, other: str, amount: int) -> None:
        supply = (coop, other, amount)
        self.money(partial(histories.supply, self.kit, *supply), partial(self.model.supply, self.now, *supply))

    @rule(coop=coops, amount=amounts, to_the_floor=st.booleans())
    def fund(self, coop: str, amount: int, to_the_floor: bool) -> None:
        known = self.model.coops.get(coop)
        if to_the_floor and known is not None:
            amount = max(1, known.balance + known.line)
        self.money(partial(histories.fund, self.kit, coop, amount), partial(self.model.fund, self.now, coop, amount))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from(self.done))
        answer = act()
        assert answer is None or answer.replayed, "a key sent again moves nothing, as the invariants then show"

    @precondition(lambda self: self.done)
    @rule(data=st.data(), amount=amounts)
    def send_something_else_with_the_key(self, data: st.DataObject, amount: int) -> None:
        act = data.draw(st.sampled_from(self.done))
        key = act.keywords["key"]
        with pytest.raises(Refusal) as caught:
            if act.func is payments.pay_bill:
                payments.pay_bill(self.kit, "00000000", act.args[2], key=key)
            elif act.func is histories.fund:
                gifts.send(self.kit, "ana", "cy", amount, key=key)
            else:
                histories.fund(self.kit, COOPS[0], amount, key=key)
        assert caught.value.code == "key_reused"

    # -- after every step ----------------------------------------------------------------------------------------

    @invariant()
    def stands_where_the_oracle_stands(self) -> None:
        names = ("balance", "eligible", "eligible_minutes", "basis", "qualified_minutes")
        wanted = {who: tuple(getattr(person, name) for name in names) for who, person in self.model.people.items()}
        assert figures(self.kit) == wanted
        assert coop_balances(self.kit) == {slug: coop.balance for slug, coop in self.model.coops.items()}
        assert pool_balance(self.kit) == self.model.pool
        paid = {who: self.model.shares(person, self.now) for who, person in self.model.people.items()}
        assert shares_by_month(self.kit) == {who: shares for who, shares in paid.items() if shares}
        assert self.model.total() == 0
        for person in self.model.people.values():
            assert 0 <= person.eligible <= person.balance
            assert person.basis + person.eligible <= person.res_pay

    @invariant()
    def the_books_are_sound(self) -> None:
        with snapshot(self.kit.engine) as connection:
            assert verify.check(connection) == []
