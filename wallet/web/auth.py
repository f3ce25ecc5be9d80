"""Leaving: the address that signs this browser out."""

from flask import Blueprint, Response, make_response, redirect

from wallet.web import session
from wallet.web.current import public, wants_json

bp = Blueprint("auth", __name__)


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """End this browser's session; signing out twice is no error."""
    answer = make_response("", 204) if wants_json() else make_response(redirect("/", 303))
    return session.end(answer)
