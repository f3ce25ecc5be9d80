"""The machine that also works at counters: bills, and codes that members show."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.books_machine import COOPS, MICROSECOND, PEOPLE, Books, amounts, cash_parts, coops, people
from tests.handset import Handset
from tests.model_counter import Bill, Counters
from wallet.services import payments, scans
from wallet.store.bills import BillView

REPEAT = timedelta(seconds=30)


class Counter(Books):
    """Charge, claim, pay, decline, cancel and scan, too."""

    def __init__(self) -> None:
        super().__init__()
        self.counters = Counters(self.model)
        self.bills: list[tuple[str, Bill]] = []
        self.phones: dict[str, Handset] = {}

    @rule(coop=coops, total=amounts, cash=cash_parts)
    def ask(self, coop: str, total: int, cash: int) -> None:
        self.charge(coop, total, cash)

    def charge(self, coop: str, total: int, cash: int) -> tuple[str, Bill] | None:
        total, key = max(total, cash), self.key()
        shown, bill = self.both(
            partial(payments.open_bill, self.kit, coop, "cy", amount_minor=total, cash_minor=cash, key=key),
            partial(self.counters.charge, self.now, coop, total, cash),
        )
        if bill is None:
            return None
        self.bills.append((shown.code, bill))
        return self.bills[-1]

    @precondition(lambda self: self.bills)
    @rule(data=st.data(), person=people, act=st.sampled_from(["claim", "decline", "cancel"]))
    def handle(self, data: st.DataObject, person: str, act: str) -> None:
        code, bill = data.draw(st.sampled_from(self.bills[-4:]))
        if act == "cancel":
            ours, oracle = partial(payments.cancel_bill, self.kit, code, "cy"), partial(self.counters.cancel, self.now)
            self.both(ours, partial(oracle, bill))
        else:
            service = payments.claim_bill if act == "claim" else payments.decline_bill
            oracle_act = self.counters.claim if act == "claim" else self.counters.decline
            self.both(partial(service, self.kit, code, person), partial(oracle_act, self.now, bill, person))

    @precondition(lambda self: self.bills)
    @rule(data=st.data(), person=st.sampled_from(PEOPLE), confirm=st.booleans())
    def pay_bill(self, data: st.DataObject, person: str, confirm: bool) -> None:
        self.settle(*data.draw(st.sampled_from(self.bills[-4:])), person, confirm=confirm)

    def settle(self, code: str, bill: Bill, person: str, *, confirm: bool) -> None:
        name = f"sale {self.keys}"
        ours = partial(payments.pay_bill, self.kit, code, person, confirm=confirm)
        self.money(ours, partial(self.counters.pay, self.now, bill, person, confirm, name), name)

    @rule(
        coop=coops,
        person=st.sampled_from(PEOPLE),
        total=amounts,
        cash=cash_parts,
        age=st.sampled_from([0, 0, 31, -4, 70]),
        confirm=st.booleans(),
    )
    def scan(self, coop: str, person: str, total: int, cash: int, age: int, confirm: bool) -> None:
        if person not in self.phones:
            self.phones[person] = Handset(self.kit, person)
        shown, total, name = self.now - timedelta(seconds=age), max(total, cash), f"sale {self.keys}"
        token, key = self.phones[person].shows(shown), self.key()
        ask = partial(scans.scan_code, self.kit, coop, "cy", token=token, key=key, confirm=confirm)
        answer, bill = self.both(
            partial(ask, amount_minor=total, cash_minor=cash),
            partial(self.counters.scan, self.now, coop, person, shown, total, cash, confirm, name),
        )
        if bill is not None:
            assert isinstance(answer, BillView)
            self.bills.append((answer.code, bill))
        elif answer is not None:
            self.sales.append((answer.ref, name))

    @rule(coop=st.sampled_from(COOPS), person=st.sampled_from(PEOPLE), late=st.booleans())
    def pay_when_a_bill_runs_out(self, coop: str, person: str, late: bool) -> None:
        bill = self.charge(coop, 1, 0)
        if bill is not None:
            self.clock.set(bill[1].expires - (timedelta(0) if late else MICROSECOND))
            self.settle(*bill, person, confirm=True)

    @precondition(lambda self: self.counters.paid)
    @rule()
    def pay_the_same_again_when_that_may_be_meant(self) -> None:
        coop, person, total, at, _ref = self.counters.paid[-1]
        for moment in (at + REPEAT - MICROSECOND, at + REPEAT):
            if moment >= self.now:
                self.clock.set(moment)
                bill = self.charge(coop, total, 0)
                if bill is not None:
                    self.settle(*bill, person, confirm=False)

    @invariant()
    def bills_stand_as_the_oracle_says(self) -> None:
        for code, bill in self.bills[-4:]:
            assert payments.show_bill(self.kit, code, "cy").state == self.counters.stands(self.now, bill)
