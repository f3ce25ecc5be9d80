"""A till's state, for the screen that watches it."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from wallet.domain.period import format_instant
from wallet.store.engine import reading
from wallet.web.current import kit
from wallet.web.policy import needs
from wallet.web.watched_till import rev_of, status_of

bp = Blueprint("till_state", __name__, url_prefix="/tills")


@bp.get("/<till>/state")
@needs("cashier", of="till")
def show(till: str) -> ResponseReturnValue:
    """Tell the till's waiting bills, last five payments and refunds; `rev` differs whenever any of it does."""
    now = kit().clock()
    with reading(kit().engine) as connection:
        shown = status_of(connection, till, now)
    return jsonify(**shown, rev=rev_of(shown), now=format_instant(now))
