"""What an answer says in its headers: that it was given before, when to come again."""

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.web import counters


def once(answer: ResponseReturnValue, replayed: bool) -> Response:
    """Give `answer`, marked if the request had been carried out before."""
    response = make_response(answer)
    if replayed:
        response.headers["Idempotent-Replay"] = "true"
    return response


def said(answer: ResponseReturnValue, refusal: Refusal) -> Response:
    """Give `answer`, which puts `refusal` into words, the status and the headers of that refusal."""
    counters.refused(refusal.code)
    response = make_response(answer)
    response.status_code = refusal.status
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
