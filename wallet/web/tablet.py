"""Tablets: what a shared device shows until somebody works at it, the phone that vouches for it, and a steward's list.

A device holds two cookies: who it is, for good, and whose session it has, which opens tills and nothing else.
"""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import tablets
from wallet.store import tablets as rows
from wallet.store.engine import reading
from wallet.store.views import office, tills
from wallet.web import session
from wallet.web.addresses import read_code
from wallet.web.countdown import seconds_left
from wallet.web.current import asker, kit, public, signed_in, wants_json
from wallet.web.fields import label, name, text
from wallet.web.forms import read, read_query
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("tablet", __name__)

CODE = 64


@bp.get("/tablet")
@public
def show() -> ResponseReturnValue:
    """Show what this device is, and the code by which a phone vouches for it."""
    stands, bearer = tablets.standing(kit(), session.device()[1]), session.at_the_counter()
    return render_template(
        "tablet/show.html",
        tablet=stands.tablet,
        former=stands.former,
        pairing=stands.pairing,
        is_open=bearer is not None and tablets.is_open(kit(), bearer),
        link=f"{kit().settings.origin}/pair/{stands.pairing.code}" if stands.pairing else None,
        left=seconds_left(stands.pairing.expires_at if stands.pairing else None, kit().clock()),
    )


@bp.post("/tablet/code")
@public
def show_code() -> ResponseReturnValue:
    """Have this device show a new code."""
    read()
    token, digest = session.device()
    tablets.show_code(kit(), digest)
    return session.keep_device(make_response(redirect(url_for("tablet.show"), 303)), token)


@bp.get("/tablet/state")
@public
def state() -> ResponseReturnValue:
    """Tell the script of the shown code whether to read the page anew, or to begin."""
    stands = tablets.standing(kit(), session.device()[1])
    return jsonify(
        tablet=stands.tablet.id if stands.tablet else 0,
        code=stands.pairing.code if stands.pairing else "",
        approved=bool(stands.pairing and stands.pairing.is_approved),
    )


@bp.post("/tablet/enter")
@public
def enter() -> ResponseReturnValue:
    """Begin the session for which a cashier has vouched; while nobody has, the code stays."""
    read()
    token, digest = session.counter_token()
    try:
        till = tablets.enter(kit(), session.device()[1], digest)
    except Refusal:
        return redirect(url_for("tablet.show"), 303)
    return session.begin_at_the_counter(make_response(redirect(url_for("till.show", till=till), 303)), token)


@bp.post("/tablet/lock")
@public
def lock() -> ResponseReturnValue:
    """Sign whoever works here out, before a break or for the next cashier."""
    read()
    bearer = session.at_the_counter()
    if bearer is not None:
        tablets.lock(kit(), bearer)
    return session.end_at_the_counter(make_response(redirect(url_for("tablet.show"), 303)))


@bp.get("/pair/<pairing>")
@needs("signed_in")
def look(pairing: str) -> ResponseReturnValue:
    """Show, on somebody's own phone, which tablet they would vouch for."""
    code = read_code(pairing, "unknown_pairing")
    vouched = tablets.vouched_for(kit(), code, signed_in().person_id)
    if vouched is not None and signed_in().is_cashier_at(vouched.coop):
        # The answer was lost, and the tablet may have used the code up.
        return render_template("tablet/done.html", till=vouched.till)
    found, tablet = tablets.look_up(kit(), code)
    offices = [coop for role, coop in signed_in().roles if role == "steward" and coop]
    with reading(kit().engine) as connection:
        works = tablet is not None and tills.find_till(connection, tablet.till, signed_in().handle) is not None
        places = [office.one_coop(connection, coop) for coop in offices] if tablet is None else []
    return render_template("tablet/pair.html", pairing=found, tablet=tablet, works=works, places=places)


@bp.post("/tills/<till>/tablet")
@needs("cashier", of="till", own=True)
def sign_in(till: str) -> ResponseReturnValue:
    """Vouch for the tablet of a till at which the viewer is a cashier."""
    form = read(pairing=text(CODE))
    code = read_code(form.pairing, "unknown_pairing")
    tablets.sign_in(kit(), signed_in().handle, asker().digest, till, code)
    return Response(status=204) if wants_json() else make_response(render_template("tablet/done.html", till=till), 200)


@bp.post("/tills/<till>/awake")
@needs("cashier", of="till")
def stay_awake(till: str) -> ResponseReturnValue:
    """Note that somebody is at the tablet of this till."""
    read()
    with reading(kit().engine) as connection:
        tills.known_till(connection, till, signed_in().handle)
    tablets.keep_awake(kit(), asker())
    return Response(status=204)


@bp.get("/office/<coop>/tablets")
@needs("steward", of="coop")
def ask(coop: str) -> ResponseReturnValue:
    """List the co-op's tablets, with the way to register one."""
    code = read_query(code=text(CODE, optional=True)).code
    with reading(kit().engine) as connection:
        return render_template(
            "tablet/list.html",
            coop=office.one_coop(connection, coop),
            tills=[till for till in office.standing_tills(connection, coop) if till.closed_at is None],
            tablets=rows.of_coop(connection, coop, kit().clock()),
            revoked=rows.revoked_of_coop(connection, coop),
            code=code,
        )


@bp.post("/office/<coop>/tablets")
@needs("steward", of="coop")
@answered_on("tablet.ask", pairing={"unknown_pairing"})
def register(coop: str) -> ResponseReturnValue:
    """Make the device that shows a code the tablet of one of the co-op's tills."""
    form = read(pairing=text(CODE), till=label(), name=name())
    who = proved_here()
    tablets.register(kit(), who.person_id, coop, read_code(form.pairing, "unknown_pairing"), form.till, form.name)
    return redirect(url_for("tablet.ask", coop=coop), 303)


@bp.post("/office/<coop>/tablets/<int:tablet>/revoke")
@needs("steward", of="coop")
@answered_on("tablet.ask")
def revoke(coop: str, tablet: int) -> ResponseReturnValue:
    """Take a tablet out of service at once."""
    read()
    tablets.revoke(kit(), signed_in().person_id, coop, tablet)
    return redirect(url_for("tablet.ask", coop=coop), 303)
