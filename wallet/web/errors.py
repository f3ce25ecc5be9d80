"""Errors: every no becomes `application/problem+json` or a page that says whether money moved and what to do."""

import logging
import secrets
from typing import cast

from flask import Flask, Response, current_app, g, json, make_response, render_template, request
from jinja2 import TemplateError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from wallet.domain import base32
from wallet.errors import Refusal, of_a_look, refuse
from wallet.i18n import gettext as _
from wallet.store import migrate
from wallet.store.engine import is_out_of_service
from wallet.web import filters, in_place, policy, session
from wallet.web.answers import said
from wallet.web.current import is_signed_out, kit, viewer, wants_json
from wallet.web.security import SAFE_METHODS

log = logging.getLogger(__name__)

# What the framework finds wrong before a view is asked.
BY_STATUS = {400: "bad_form", 404: "unknown_page", 405: "wrong_method", 413: "too_large", 414: "too_large"}
# Refusals after which the very same request may be sent again.
AGAIN = frozenset({"too_many", "busy", "broken", "looks_repeated"})
SHUT_OUT = frozenset({"not_signed_in", "unknown_till"})
# No sign-in leads further than this.
LONGEST_WAY_BACK = 200


def install(app: Flask) -> None:
    """Answer refusals and failures of `app` in words."""
    in_place.install(app)

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        # A view that proves the session by its act reads the request first, yet who is nobody hears that first.
        try:
            is_nobody = is_signed_out()
        except exc.SQLAlchemyError as error:
            return cut_off(error)
        if is_nobody:
            return answer(refuse("not_signed_in"))
        who = viewer() if refusal.code in policy.REFUSED_AT_REST else None
        rests = who is not None and who.resting
        return answer(refuse("confined") if rests else begins_later(refusal) or refusal)

    @app.errorhandler(HTTPException)
    def declined(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return make_response(error.get_response())
        if error.code >= 500:
            return failed(error)
        return answer(_refusal_for(error), allow=error.get_response().headers.get("Allow"))

    @app.errorhandler(exc.SQLAlchemyError)
    def cut_off(error: exc.SQLAlchemyError) -> Response:
        if not is_out_of_service(error):
            return failed(error)
        # Its first line alone: what follows may name a row.
        why = (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
        log.warning("The database does not answer: %s: %s", type(error).__name__, why)
        return answer(_unreached())

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # While the wallet is upgraded, the old version meets the new schema: nothing is broken, and soon it is over.
        if another := _fault_of_schema():
            log.warning("%s Until then requests fail: %s", another, type(error).__name__)
            return answer(_unreached())
        route = request.url_rule.rule if request.url_rule else "no route"
        # What a member reads out is found in the log by it.
        incident = base32.written(secrets.token_bytes(8))
        log.exception("Unexpected failure %s: %s %s", incident, request.method, route, exc_info=error)
        return answer(_broken(incident))


def begins_later(refusal: Refusal) -> Refusal | None:
    """Tell a new steward who comes to an office too early from when it is theirs; None for anybody else."""
    who = viewer() if refusal.code == "unknown_coop" else None
    since = dict(who.coming).get(("steward", (request.view_args or {}).get("coop"))) if who else None
    if since is None:
        return None
    return refuse(
        "not_allowed",
        _(
            "You run this office from %(day)s, %(time)s on. Nothing was changed. Come back then.",
            day=filters.day(since),
            time=filters.clock(since),
        ),
    )


def answer(refusal: Refusal, *, allow: str | None = None) -> Response:
    """Say `refusal` in the form that the asker reads."""
    if request.method in SAFE_METHODS:
        refusal = of_a_look(refusal)
    response = said(_problem(refusal) if wants_json() else _in_words(refusal), refusal)
    if allow:
        response.headers["Allow"] = allow
    return response


def _unreached() -> Refusal:
    # The page does not wait for the database a second time to learn who reads it, and where.
    g.setdefault("viewer", None)
    g.setdefault("own_tablet", None)
    if request.method in SAFE_METHODS:
        return refuse("busy", _("The wallet cannot reach its books right now. Load the page again in a moment."))
    sentence = _(
        "The wallet cannot reach its books right now. We do not know whether this was done. Send the same again in a "
        "moment: nothing is ever taken twice."
    )
    return refuse("busy", sentence)


def _fault_of_schema() -> str | None:
    """Say why this program does not fit the database's schema; None when it does, or when the database does not say."""
    try:
        return migrate.fault(kit().engine)
    except exc.SQLAlchemyError:
        return None


def _problem(refusal: Refusal) -> Response:
    body = {**refusal.extra, "type": refusal.code, "title": refusal.sentence, "status": refusal.status}
    response = make_response(json.dumps(body, ensure_ascii=False))
    response.mimetype = "application/problem+json"
    return response


def _in_words(refusal: Refusal) -> str | Response:
    return _own_page(refusal) or in_place.page(refusal) or _page(refusal)


def _own_page(refusal: Refusal) -> str | None:
    """Give the page of the view in hand for who was signed out, or is let in no more, if it has one."""
    page = getattr(current_app.view_functions.get(request.endpoint or ""), "shut_out_page", None)
    if page is None or refusal.code not in SHUT_OUT:
        return None
    try:
        return cast(str, page(**(request.view_args or {})))
    except (Refusal, exc.SQLAlchemyError):
        return None


def _page(refusal: Refusal) -> str | Response:
    _settle_viewer()
    repeats = request.method == "POST" and (refusal.code in AGAIN or "confirm" in refusal.extra)
    resend = _sent_fields(refusal) if repeats else None
    back, is_tablet = _way_back(), refusal.code == "not_signed_in" and _is_on_tablet()
    try:
        return render_template(
            "errors/problem.html", refusal=refusal, resend=resend, action=request.path, back=back, is_tablet=is_tablet
        )
    except TemplateError:
        # The sentence matters more than its page.
        log.exception("The page of a refusal is broken")
        return Response(refusal.sentence, mimetype="text/plain")


def _settle_viewer() -> None:
    """Find out who reads the page while a failing database can still be told from a failing page."""
    try:
        viewer()
    except exc.SQLAlchemyError:
        g.viewer = None


def _is_on_tablet() -> bool:
    """Tell whether who is signed out is so on a shop's tablet; not where the database does not say."""
    try:
        return session.is_tablet()
    except exc.SQLAlchemyError:
        return False


def _way_back() -> str:
    """Give the page to go on with after signing in: this one, or that of the form, with its query if not too long."""
    whole = request.full_path.removesuffix("?") if request.method == "GET" else in_place.came_from() or "/"
    return whole if len(whole) <= LONGEST_WAY_BACK else whole.partition("?")[0]


def _sent_fields(refusal: Refusal) -> list[tuple[str, str]] | None:
    """List what the form sent, so that the page can send it again with the same key: nothing typed is lost.

    None for what no page can send again, such as a file.
    """
    if request.mimetype not in ("application/x-www-form-urlencoded", ""):
        return None
    sent = request.form.items(multi=True)
    # The page itself adds the confirmation that a repeated payment lacks.
    return [(name, value) for name, value in sent if name != "confirm" or refusal.code != "looks_repeated"]


def _refusal_for(error: HTTPException) -> Refusal:
    return refuse(BY_STATUS.get(error.code or 0, "bad_form"))


def _broken(incident: str) -> Refusal:
    sentence = _(
        "Something went wrong here. If you were paying, look at your activity first; the same payment can be sent "
        "again and is never taken twice. If you report it, give this code: %(incident)s.",
        incident=incident,
    )
    return Refusal("broken", 500, sentence, {"incident": incident}, None)
