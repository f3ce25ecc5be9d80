"""Home: the balance, this month's pay share and the last movements; a welcome for who is signed out."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from wallet.domain.bill import NOT_PAID
from wallet.errors import Refusal
from wallet.services import payments
from wallet.store import bills, coops, elections, halts, ownset, shares, suspensions, tablets
from wallet.store.bills import BillView
from wallet.store.engine import reading, snapshot
from wallet.store.suspensions import Stopped
from wallet.store.views import activity, office, quilt, quote
from wallet.store.views import ballots as ballot_view
from wallet.store.views import refunds as refund_view
from wallet.store.views import tills as till_view
from wallet.web import charters, circulation, paybounds, rates, session
from wallet.web.addresses import read_code
from wallet.web.approvals import asked_of
from wallet.web.countdown import seconds_left
from wallet.web.current import Viewer, kit, public, viewer
from wallet.web.fields import held
from wallet.web.today import this_month

bp = Blueprint("home", __name__)

LAST = 3
# How long home says that a co-op has left, which need not end.
NEWS = timedelta(days=30)
# The quilt of the welcome has three rows of four.
PATCHES = 12


@bp.get("/")
@public
def show() -> ResponseReturnValue:
    """Show the wallet to its owner, the welcome to everyone else."""
    person = viewer()
    return welcome() if person is None else wallet(person)


def welcome() -> str:
    """Render the welcome with the federation's blocks, and the way to the till where the device is a shop's tablet."""
    with reading(kit().engine) as connection:
        whole = quilt.of(connection)
        tablet = tablets.of_browser(connection, session.device()[1])
    blocks, count = whole.marks[:PATCHES], len(whole.marks)
    return render_template(
        "home/welcome.html",
        federation=whole.name,
        blocks=blocks,
        count=count,
        tablet=tablet,
        is_out=request.args.get("out") == "everywhere",
    )


def wallet(person: Viewer) -> str:
    """Render what the member has, how the next pay comes, and what moved last."""
    month = this_month()
    with snapshot(kit().engine) as connection:
        owned = activity.wallet(connection, person.handle)
        balance_minor = owned.balance_minor if owned else None
        hand = charters.in_hand(connection)
        voted = hand.history if hand else charters.voted(connection)
        share = shares.outlook(connection, person.handle, month, voted)
        last = activity.page(connection, owned, voted, most=LAST).movements if owned else ()
        tills = till_view.tills_of(connection, person.handle)
        in_hand = bills_of(connection, person)
        name = quilt.name(connection)
        taken = elections.taken(connection, person.person_id, month)
        bounds = paybounds.of_mine(connection, share, taken, voted)
        works = ownset.works(connection, person.person_id)
        stopped = stopped_places(connection, person)
        joined = joined_now(connection, person)
        halted = halts.since(connection)
        ballots = ballot_view.waiting_for(connection, person.person_id, kit().clock())
        approvals = asked_of(connection, person)
        names = {coop.slug: coop.name for coop in office.all_coops(connection)} if approvals else {}
        refunds = refund_view.waiting_for(connection, person.handle, kit().clock()) if person.is_steward else []
    return render_template(
        "home/home.html",
        federation=name,
        balance_minor=balance_minor,
        share=share,
        taken=taken,
        bounds=bounds,
        last=last,
        tills=tills,
        **in_hand,
        approvals=[one for one in approvals if one.kind != "supply"],
        names=names,
        waiting=[one for one in refunds if one.asks(person.handle)],
        supplies=[one.about for one in approvals if one.kind == "supply"],
        res=circulation.figures(balance_minor or 0),
        ballots=ballots,
        spell=hand.spell if hand else None,
        works=works,
        stopped=stopped,
        joined=joined,
        unpaid=left_unpaid(person),
        halted=halted,
    )


def joined_now(connection: sa.Connection, person: Viewer) -> str | None:
    """Name the co-op at which a person works, if they come from taking up its invitation."""
    slug = held(request.args, "joined")
    if not slug:
        return None
    place = coops.find(connection, slug)
    return place.name if place and ownset.works_at(connection, person.person_id, place.id) else None


def left_unpaid(person: Viewer) -> BillView | None:
    """Give the bill that a person comes from not paying, as long as they have not paid it.

    A guess counts as one; to who has guessed too often home comes all the same, with no bill.
    """
    asked = held(request.args, "unpaid")
    look_up = rates.counted(payments.show_bill, rates.BILL_CODES)
    try:
        bill = look_up(kit(), read_code(asked), person.handle) if asked else None
    except Refusal:
        return None
    return bill if bill and bill.payer != person.handle and bill.state in NOT_PAID else None


def stopped_places(connection: sa.Connection, person: Viewer) -> list[Stopped]:
    """List the co-ops at which a person works that are suspended, or have left lately."""
    found, since = suspensions.of_member(connection, person.person_id), kit().clock() - NEWS
    return [one for one in found if one.status == "suspended" or one.since > since]


def bills_of(connection: sa.Connection, person: Viewer) -> dict[str, Any]:
    """Give the bills that wait for a person, who asks for the latest of them, and how long each stays open."""
    now = kit().clock()
    found = bills.in_hand(connection, person.person_id, now)
    payee = quote.payee(connection, found[0].code) if found else None
    return {"bills": found, "payee": payee, "left": {one.code: seconds_left(one.expires_at, now) for one in found}}
