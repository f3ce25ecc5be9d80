"""The matrix of everyone's rights: each address, asked by each role of each co-op, answers only whom it is for."""

import base64
import re
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.imports import ROOT
from tests.web import paydays, polls, pools, tills
from tests.web.conftest import JSON, new_key
from tests.web.doors import answer_for, invited
from tests.web.phone import MemberPhone
from wallet.domain.invitation_list import Invitee
from wallet.kit import Kit
from wallet.services import (
    disputes,
    histories,
    invitation_lists,
    invitations,
    members,
    network,
    payments,
    proposals,
    refunds,
    rulings,
    scans,
    tablets,
)
from wallet.services.invitations import Offer
from wallet.services.refunds import Ask
from wallet.store import coops, people, receiving, suspensions
from wallet.store import proposals as proposal_rows
from wallet.store.engine import reading
from wallet.store.sales import Paid
from wallet.store.views import office, slips
from wallet.web import policy
from wallet.web.policy import Policy

# Who may what is the same on both databases.
pytestmark = pytest.mark.only_on("sqlite")

# Who asks, and what they are; every place that is asked about is the bakery's.
PEOPLE = {
    "stranger": "",
    "cal": "customer",
    "ana": "worker of the mill, who bought at the bakery",
    "max": "cashier of the mill",
    "mia": "steward of the mill",
    "bea": "cashier of the bakery",
    "sam": "steward of the bakery",
    "fay": "facilitator, like Gus, who proposes",
}
MAY: dict[str, set[str]] = {
    "everyone": set(PEOPLE),
    "signed_in": set(PEOPLE) - {"stranger"},
    "cashier": {"bea"},
    "voter": {"bea", "sam"},
    "payer": {"ana"},
    "party": {"ana", "bea", "sam"},
    "paid": {"ana"},
    "second": {"fay"},
    "disputing": {"ana", "sam"},
    "staff": {"bea", "sam"},
    "approver": {"sam"},
    "steward": {"sam"},
    "facilitator": {"fay"},
}
AT_A_PLACE = {"cashier", "voter", "payer", "paid", "party", "second", "disputing", "staff", "approver", "steward"}
# Whose an address is by where it lies: no declaration, from which the matrix is made, may say less.
OPEN = {
    "GET": {
        "/", "/b/<code>", "/c/<counter>", "/demo", "/healthz", "/install", "/join", "/join/<invitation>",
        "/m/<token>", "/manifest.webmanifest", "/metrics", "/offline", "/outage", "/readyz", "/sign-in",
        "/sign-in/recovery", "/sw.js", "/tablet", "/tablet/state", "/time", "/unanswered",
    },
    "POST": {
        "/demo/sign-in", "/install/later", "/join", "/join/<invitation>", "/join/<invitation>/challenge", "/sign-in",
        "/sign-in/challenge", "/sign-in/recovery", "/sign-out", "/tablet/code", "/tablet/enter", "/tablet/lock",
        "/you/theme",
    },
}  # fmt: skip
DESKS = {
    "/office/": {"steward"}, "/federation": {"facilitator"}, "/disputes/<dispute>/decide": {"facilitator"},
    "/tills/<till>": {"cashier", "staff"}, "/refunds/": {"staff", "approver"}, "/proposals/": {"second"},
}  # fmt: skip
# What is not asked about the bakery: the chapel has left, the tannery is suspended.
ELSEWHERE = {"federation.admit_again": "chapel", "federation.lift": "tannery"}
# What the address answers to whom it is not for.
NO = {401, 403, 404}


class Asking:
    """Ask one address as one person, with everything else in order."""

    def __init__(self, kit: Kit, app: Flask) -> None:
        self.kit, self.app = kit, app
        self.receipt = self.bought()

    def bill(self) -> str:
        made = payments.open_bill(self.kit, "bakery-1", "bea", amount_minor=100, cash_minor=99, note="", key=new_key())
        return made.code

    def bought(self) -> str:
        return payments.pay_bill(self.kit, self.bill(), "ana", key=new_key(), confirm=True).ref

    def pairing(self) -> str:
        return tablets.show_code(self.kit, f"browser {new_key()}")

    def tablet(self) -> tuple[int, str]:
        """Register a tablet at the bakery's counter; give its number, and the code that it shows."""
        browser = f"browser {new_key()}"
        with reading(self.kit.engine) as connection:
            sam = people.find(connection, "sam")
        assert sam is not None
        tablets.register(self.kit, sam.id, "bakery", tablets.show_code(self.kit, browser), "bakery-1", "Blue tablet")
        found = tablets.standing(self.kit, browser).tablet
        assert found is not None
        return found.id, tablets.show_code(self.kit, browser)

    def refund(self) -> str:
        # Until a till's limit is raised, what is more than 100.00 waits; here nothing is given back without a steward.
        with self.kit.engine.begin() as connection:
            connection.execute(sa.text("UPDATE tills SET refund_limit_minor = 0"))
        ask = Ask(self.bought(), "bea", 0, 99, "stale", None, new_key())
        return refunds.give_back(self.kit, ask).ref

    def reference(self, endpoint: str) -> str:
        made: dict[str, Callable[[], str]] = {"receipts.give_back": self.bought, "slips.show": self.slip}
        return made.get(endpoint, lambda: self.receipt)()

    def dispute(self, endpoint: str) -> str:
        owed = endpoint == "disputes.note_paid"
        with self.kit.engine.begin() as connection:
            connection.execute(sa.text("UPDATE disputes SET state = 'settled' WHERE state = 'owed'"))
        about = {"disputes.note_paid": self.charged, "disputes.note_right": self.paid}.get(endpoint, self.bought)()
        made = disputes.begin(self.kit, "ana", about, "It was hard").ref
        if endpoint in ("disputes.decide", "disputes.note_right"):
            disputes.pass_on(self.kit, "ana", made)
        if endpoint == "disputes.note_right":
            rulings.decide(self.kit, "fay", made, "It was", for_member=True)
        elif owed:
            disputes.take_back(self.kit, "ana", made)
        return made

    def charged(self) -> str:
        token = MemberPhone(self.kit, "ana").token()
        paid = scans.scan_code(self.kit, "bakery-1", "bea", token=token, amount_minor=1, confirm=True, key=new_key())
        assert isinstance(paid, Paid)
        return paid.ref

    def paid(self) -> str:
        paid = histories.pay(self.kit, "bakery", "ana", 1_00, 1, key=new_key())
        assert paid is not None
        return paid.ref

    def slip(self) -> str:
        with reading(self.kit.engine) as connection:
            return slips.of(connection, "ana")[0].ref

    def code_for(self, endpoint: str) -> str:
        made = {"gifts": self.receiving, "supplies": self.bill_of_the_mill}
        return made.get(endpoint.partition(".")[0], self.bill)()

    def bill_of_the_mill(self) -> str:
        return payments.open_bill(self.kit, "mill-1", "max", amount_minor=1, key=new_key()).code

    def receiving(self) -> str:
        with self.kit.engine.begin() as connection:
            receiving.draw(connection, people.holder(connection, "gus").id, self.kit.clock())
            found = receiving.of_person(connection, people.holder(connection, "gus").id, self.kit.clock())
        assert found is not None
        return found.code

    def till(self, rule: Rule) -> str:
        if not rule.endpoint.startswith("shifts."):
            return "bakery-1"
        # No bill that another address left open stands in the way of closing this one's shift.
        tills.open_shift(self.kit)
        return tills.TILL

    def proposal(self) -> int:
        proposals.add_facilitator(self.kit, "gus", f"Somebody {new_key()}")
        with reading(self.kit.engine) as connection:
            return proposal_rows.waiting(connection, self.kit.clock())[-1].id

    def run_for(self, endpoint: str) -> int:
        of_dividend = endpoint.startswith(("dividend", "counted_sales"))
        return pools.draft(self.kit) if of_dividend else paydays.run_for(self.kit, endpoint)

    def link(self, rule: Rule) -> str:
        # Nobody works at the orchard yet: whoever is signed in can begin there.
        return invited(self.kit, "worker", coop="orchard") if rule.endpoint == "join.accept" else invited(self.kit)

    def invited(self, endpoint: str) -> int:
        # Facilitators take back who is to serve, and nobody else.
        kind, roles = ("worker", ("steward",)) if endpoint.startswith("federation") else ("customer", ())
        invitations.invite(self.kit, Offer(kind, coop="bakery", name="Hal Orr", roles=roles))
        with reading(self.kit.engine) as connection:
            return office.invited(connection, "bakery", self.kit.clock())[0].id

    def places(self, rule: Rule) -> dict[str, object]:
        known: dict[str, Callable[[], object]] = {
            "till": lambda: self.till(rule),
            "shift": lambda: tills.closed_shift(self.kit),
            "counter": lambda: "bakery-1",
            "coop": lambda: ELSEWHERE.get(rule.endpoint, "bakery"),
            "proposal": self.proposal,
            "number": lambda: self.invited(rule.endpoint),
            "overpayment": lambda: paydays.overpaid(self.kit),
            "run": lambda: self.run_for(rule.endpoint),
            "invitation_list": lambda: invitation_lists.keep(
                self.kit, "sam", "bakery", (Invitee("Hal Orr", "customer"),)
            ),
            "ref": lambda: self.reference(rule.endpoint),
            "dispute": lambda: self.dispute(rule.endpoint),
            "parameter": lambda: "sunset_months",
            "ballot": lambda: polls.for_endpoint(self.kit, rule.endpoint),
            "code": lambda: self.code_for(rule.endpoint),
            "refund": self.refund,
            "pairing": self.pairing,
            "tablet": lambda: self.tablet()[0],
            "token": lambda: "token",
            "handle": lambda: "gus",
            "invitation": lambda: self.link(rule).removeprefix("/join/"),
        }
        return {name: known[name]() for name in rule.arguments}

    def invitation_list(self) -> int:
        return invitation_lists.keep(self.kit, "sam", "bakery", (Invitee("Hal Orr", "customer"),))

    def body(self, endpoint: str) -> dict[str, object]:
        if endpoint in ("office.close_till", "office.open_till_again"):
            return {"till": tills.idle(self.kit)}
        if endpoint == "shifts.close":
            return {"shift": str(tills.open_shift(self.kit)), "res": "0.00", "key": new_key()}
        if endpoint == "ballot_proposals.propose":
            polls.clear(self.kit)
        if endpoint == "dividend_runs.draft":
            pools.none(self.kit)
        charge = {"amount": "1.00", "key": new_key()}
        bodies: dict[str, dict[str, object]] = {
            "ballot_proposals.propose": {"value": "156", "reason": "Sooner", "days": "30"},
            "ballots.cast": {"choice": "yes"},
            "ballots.check": {"choice": "yes"},
            "bills.pay": {"key": new_key(), "confirm": True},
            "code.enrol": {"public_key": public_key()},
            "counter.settle_limit": {"limit": "50.00"},
            "counter.settle_tender": {"part": "100.00"},
            "declarations.declare": {"worth": "1.00", "meeting": "2026-03-01"},
            "demo.sign_in": {"handle": "cal"},
            "dividend_runs.draft": {"ends_on": "2026-02-01", "pot": "0.01"},
            "disputes.begin": {"words": "It was hard"},
            "disputes.decide": {"words": "It was not", "for_member": False},
            "disputes.give_back": {"amount": "0.01", "key": new_key()},
            "disputes.say": {"words": "Which one?"},
            "elections.answer": {"agree": True, "version": "1"},
            "elections.take_less": {"most": "0.00"},
            "gifts.begin": {**charge, "to": "gus"},
            "gifts.find": {"who": "gus"},
            "gifts.give": {**charge, "amount": "0.01", "to": "gus", "confirm": True},
            "gifts.sure": {"amount": "0.01"},
            "gifts.sure_by_code": {"amount": "0.01"},
            "notices.choose_amounts": {"wanted": True},
            "federation.admit": {"name": f"Farm {new_key()}", "need": "food", "line": "10.00"},
            "federation.admit_again": {"line": "10.00"},
            "federation.change_line": {"line": "10.00"},
            "federation.end": {"handle": "fay"},
            "federation.invite": {"name": "Hal Orr"},
            "federation.invite_steward": {"name": "Hal Orr"},
            "federation.suspend": {"reason": "Its books are open."},
            "limits.change": dict.fromkeys(("phone_payment", "phone_day", "code_payment", "code_day"), "20.00"),
            "office.end_role": {"handle": "bea", "role": "cashier"},
            "office.end_work": {"handle": "bea"},
            "office.give_role": {"handle": "bea", "role": "steward"},
            "office.invite": {"name": "Hal Orr", "kind": "customer", "key": new_key()},
            "office.open_till": {"name": "Counter 2"},
            "pay.type_code": {"code": self.bill()},
            "refunds.decline": {"reason": "Ask Joy first"},
            "receipts.give_back": {**charge, "amount": "0.01", "reason": "stale"},
            "tablet.register": {"pairing": self.pairing(), "till": "bakery-1", "name": "Blue tablet"},
            "invitation_lists.send_off": {"key": new_key()},
            "tablet.sign_in": {"pairing": self.tablet()[1]},
            "pool_office.put_in": {"amount": "0.01", "key": new_key()},
            "supplies.pay": {"key": new_key()},
            "sticker.make": dict(charge),
            "till.charge": dict(charge),
            "till.correct": {**charge, "sale": self.bought() if endpoint == "till.correct" else ""},
            "till.scan": {**charge, "token": MemberPhone(self.kit, "ana").token(), "confirm": True},
            "you.choose_theme": {"theme": "dark"},
        }
        return (bodies | paydays.BODIES).get(endpoint, {})

    def sent(self, rule: Rule, browser: FlaskClient, url: str, handle: str) -> dict[str, object]:
        for_all = declared(self.app, rule) == Policy("everyone")
        proven = (
            answer_for(rule.endpoint, browser, self.app, self.kit, url) if for_all or handle != "stranger" else None
        )
        return self.body(rule.endpoint) if proven is None else proven

    def __call__(self, rule: Rule, method: str, handle: str) -> TestResponse:
        browser = self.app.test_client()
        if handle != "stranger":
            assert browser.post("/demo/sign-in", json={"handle": handle}).status_code == 204
        url = self.app.url_map.bind("localhost:8000").build(rule.endpoint, self.places(rule), method)
        sent = {"json": self.sent(rule, browser, url, handle)} if method != "GET" else {}
        if rule.endpoint == "invitation_lists.look":
            sent = {"data": {"file": (BytesIO(b"name,as\nHal Orr,customer\n"), "list.csv")}}
        if rule.endpoint == "payruns.bring":
            sent = {"data": {"rev": "2", "file": (BytesIO(paydays.FILE), "pay.csv")}}
        if rule.endpoint == "payruns.type_in":
            sent = {"data": paydays.TABLE}
        answer = browser.open(url, method=method, headers=JSON, **sent)
        answer.close()
        return answer


@pytest.fixture
def ask(federation: Kit, app: Flask) -> Asking:
    return staffed(federation, app)


def staffed(kit: Kit, app: Flask) -> Asking:
    """Give the small federation everybody and everything that an address may ask for."""
    for handle, role in (("max", "cashier"), ("mia", "steward")):
        members.join(kit, "mill", handle)
        members.grant(kit, handle, role, "mill")
    members.join(kit, "mill", "gus")
    members.grant(kit, "gus", "facilitator")
    paydays.staff(kit)
    pools.filled(kit)
    network.admit_coop(kit, "orchard", 0)
    network.admit_coop(kit, "chapel", 0)
    network.coop_leaves(kit, "chapel")
    network.admit_coop(kit, "tannery", 0)
    with kit.engine.begin() as connection:
        tannery = coops.known(connection, "tannery")
        suspensions.begin(connection, tannery.id, tannery.account_id, "Its books are open.", kit.clock())
    return Asking(kit, app)


def public_key() -> str:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return (
        base64.urlsafe_b64encode(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).decode().rstrip("=")
    )


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def declared(app: Flask, rule: Rule) -> Policy | None:
    return policy.of_view(app.view_functions[rule.endpoint])


def test_every_address_declares_whom_it_is_for(app: Flask) -> None:
    without = sorted({rule.endpoint for rule, _method in routes(app) if declared(app, rule) is None})

    assert without == [], "say whom each is for: @public, or @needs(…) of wallet.web.policy"


def test_a_policy_over_a_place_names_an_argument_of_its_address(app: Flask) -> None:
    for rule, _method in routes(app):
        asked = declared(app, rule)
        if asked is not None:
            assert asked.of is None or asked.of in rule.arguments, rule.rule
            assert (asked.of is not None) == (asked.who in AT_A_PLACE), rule.rule


def test_no_address_says_that_it_is_for_more_than_its_place_allows(app: Flask) -> None:
    found = [(method, rule.rule, view.who) for rule, method in routes(app) if (view := declared(app, rule)) is not None]

    for method, addresses in OPEN.items():
        assert {address for by, address, who in found if (by, who) == (method, "everyone")} == addresses
    for place, whom in DESKS.items():
        below = [(method, address, who) for method, address, who in found if address.startswith(place)]
        assert {who for _method, _address, who in below} == whom, below


def test_a_view_that_says_nothing_is_for_nobody(app: Flask, browser_of: Callable[[str], FlaskClient]) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "everything")

    assert {browser_of(who).get("/forgotten", headers=JSON).status_code for who in ("ana", "sam", "fay")} == {403}


def test_who_proves_the_session_in_the_act_itself_is_judged_there_too(app: Flask) -> None:
    proving = [view for view in app.view_functions.values() if hasattr(view, "proves_itself")]

    assert proving
    assert all(policy.REFUSALS[view.policy.who] is None for view in proving)  # type: ignore[attr-defined]


def test_nobody_gets_what_is_not_theirs_and_everybody_what_is(app: Flask, ask: Asking) -> None:
    wrong, never = [], []
    for rule, method in routes(app):
        asked = declared(app, rule)
        assert asked is not None
        answers = {handle: ask(rule, method, handle).status_code for handle in PEOPLE}
        if min(answers.values()) >= 400:
            never.append(f"{method} {rule.rule}")
        for handle, status in answers.items():
            may = handle in MAY[asked.who]
            if (status in NO) is may or (handle == "stranger" and not may and status != 401):
                wrong.append(f"{handle} {method} {rule.rule}: {status}")

    assert wrong == []
    assert never == [], "an address that answers nobody proves nothing"


def test_scripts_read_json_and_csv_at_the_addresses_of_which_the_documents_say_it(app: Flask, ask: Asking) -> None:
    read = defaultdict[str, set[str]](set)
    for rule, method in routes(app):
        asked = declared(app, rule)
        if method == "GET" and asked is not None:
            answer = ask(rule, method, max(MAY[asked.who]))
            if answer.status_code == 200:
                read[answer.mimetype].add(re.sub("<[^>]*>", "…", rule.rule))
    table = re.findall(r"^\| .* \| (.*) \| (.*)\|$", (ROOT / "docs" / "scripts.md").read_text(), re.MULTILINE)
    json, csv = (set(re.findall(r"`(/[^`]*)`", " ".join(column))) for column in zip(*table, strict=True))

    assert json == read["application/json"]
    assert csv == read["text/csv"]
