"""Which addresses of the wallet may be tried how often, in one table.

Who is signed in is counted as a person, and a shop's tablet as itself, whatever network they are in: a shop's Wi-Fi is
one address, and nobody in it is locked out by another. Where paying must be quick nothing is asked beforehand: failures
alone are counted, and the act itself looks at the bucket.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Flask, g, make_response, request

from wallet.domain import rate
from wallet.domain.rate import Rate
from wallet.errors import Refusal
from wallet.services import rates
from wallet.store.engine import reading
from wallet.store.views import tills
from wallet.web import session
from wallet.web.current import kit, viewer
from wallet.web.sources import network

ANY = frozenset({"any"})


@dataclass(frozen=True, slots=True)
class Tries:
    """Hold the rates of an address for a person, for a network of strangers (or a tablet in it) and for a till.

    `failures` names the refusals that count as a try, ANY each answer that is one; with none, every request counts.
    An address that `looks` refuses before anything else who has tried too often.
    """

    person: Rate | None = None
    network: Rate | None = None
    till: Rate | None = None
    failures: frozenset[str] = frozenset()
    looks: bool = True

    def buckets(self) -> list[tuple[Rate, str]]:
        """List the buckets of who asks."""
        found = []
        if self.person or self.network:
            who = viewer()
            if who is not None and self.person:
                found.append((self.person, f"person {who.person_id}"))
            elif who is None and self.network:
                found.append((self.network, stranger()))
        if self.till and works_there():
            found.append((self.till, f"till {(request.view_args or {})['till']}"))
        return found


def stranger() -> str:
    """Name the bucket of who is signed out: their network's, or the own one of a shop's tablet."""
    found = session.tablet()
    return f"tablet {found.id}" if found else f"network {network()}"


def works_there() -> bool:
    """Tell whether the viewer works at the till of the address: nobody else uses up what it may do."""
    if "works_there" not in g:
        who, till = viewer(), (request.view_args or {})["till"]
        with reading(kit().engine) as connection:
            g.works_there = who is not None and tills.find_till(connection, till, who.handle) is not None
    return bool(g.works_there)


BILL_CODES = Tries(rate.BILL_CODE_OF_PERSON, rate.BILL_CODE_OF_NETWORK, failures=frozenset({"unknown_bill"}))
PAYING = Tries(rate.BILL_CODE_OF_PERSON, failures=BILL_CODES.failures, looks=False)
MEMBER_CODES = Tries(rate.MEMBER_CODE, till=rate.MEMBER_CODE_AT_TILL, failures=frozenset({"unknown_member"}))
# What opens a door cannot be guessed, so a right one is never refused because of wrong ones: they alone are counted.
SIGNING_IN = Tries(rate.SIGN_IN, rate.SIGN_IN, failures=ANY, looks=False)
INVITED = Tries(rate.INVITATION, rate.INVITATION, failures=ANY, looks=False)
# Nothing is guessed here, but each is a row: so wide that no shop comes near it.
CHALLENGED = Tries(rate.CHALLENGE_OF_PERSON, rate.CHALLENGE_OF_NETWORK)
ENROLLING = Tries(rate.ENROLMENT)
# Each try counts: what a member pays is counted in their wallet, what a co-op pays or a sticker asks for is in none.
MONEY = Tries(rate.MONEY_OF_PERSON)
# A code is of this federation's tablets and for minutes; who guesses is told so.
PAIRING = Tries(rate.BILL_CODE_OF_PERSON, failures=frozenset({"unknown_pairing"}))
SHOWING = Tries(rate.SHOWN_CODE, rate.SHOWN_CODE)
NAMES = Tries(rate.NAMES_OF_PERSON, failures=frozenset({"unknown_member"}))
TYPED_NAMES = Tries(rate.NAMES_OF_PERSON, failures=ANY)
SCANNING = Tries(till=rate.MONEY_OF_TILL)

TRIES: dict[str, tuple[Tries, ...]] = {
    "access.ask": (CHALLENGED,),
    "auth.ask": (CHALLENGED,),
    "auth.ask_confirm": (CHALLENGED,),
    "auth.confirm": (SIGNING_IN,),
    "auth.sign_in": (SIGNING_IN,),
    "auth.sign_in_by_code": (SIGNING_IN,),
    "bills.show": (BILL_CODES,),
    "bills.claim": (BILL_CODES,),
    "bills.decline": (BILL_CODES,),
    "ballots.challenge": (CHALLENGED,),
    "bills.challenge": (CHALLENGED, BILL_CODES),
    "bills.pay": (PAYING,),
    "code.enrol": (ENROLLING,),
    "demo.sign_in": (SIGNING_IN,),
    "events.of_bill": (BILL_CODES,),
    "gifts.begin": (CHALLENGED, NAMES),
    "gifts.by_code": (NAMES,),
    "gifts.find": (TYPED_NAMES,),
    "gifts.give": (NAMES,),
    "gifts.sheet": (NAMES,),
    "gifts.sure": (NAMES,),
    "gifts.sure_by_code": (NAMES,),
    "join.accept": (INVITED,),
    "join.ask": (CHALLENGED, INVITED),
    "join.follow_link": (INVITED,),
    "join.join": (INVITED,),
    "join.show": (INVITED,),
    "sticker.make": (MONEY,),
    "supplies.pay": (BILL_CODES, MONEY),
    "supplies.show": (BILL_CODES,),
    "tablet.look": (PAIRING,),
    "tablet.register": (PAIRING,),
    "tablet.show_code": (SHOWING,),
    "tablet.sign_in": (PAIRING,),
    "till.scan": (SCANNING, MEMBER_CODES),
    "till_bills.cancel": (BILL_CODES,),
    "till_bills.code_picture": (BILL_CODES,),
}


def install(app: Flask) -> None:
    """Have the views of `app` count their tries."""
    for endpoint, all_tries in TRIES.items():
        for tries in reversed(all_tries):
            app.view_functions[endpoint] = counted(app.view_functions[endpoint], tries)


def counted(view: Callable[..., Any], tries: Tries) -> Callable[..., Any]:
    """Give `view` so that it counts tries and refuses who makes too many."""

    @wraps(view)
    def held(*args: Any, **named: Any) -> Any:
        if not tries.failures:
            _count(tries)
        elif tries.looks:
            rates.check(kit(), tries.buckets())
        try:
            answer = view(*args, **named)
        except Refusal as refusal:
            if tries.failures is ANY or refusal.code in tries.failures:
                _count(tries)
            raise
        # A page that says no counts as much as a refusal.
        if tries.failures is ANY and make_response(answer).status_code >= HTTPStatus.BAD_REQUEST:
            _count(tries)
        return answer

    return held


def _count(tries: Tries) -> None:
    for held, whose in tries.buckets():
        rates.count(kit(), held, whose)
