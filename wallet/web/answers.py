"""What is common to answers: that they were given before, where they lead, when to come again, that they are a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from flask import Response, jsonify, make_response, redirect
from flask.typing import ResponseReturnValue

from wallet.domain.sheet import written
from wallet.errors import Refusal
from wallet.web import metrics
from wallet.web.current import wants_json, wants_page


def once(answer: ResponseReturnValue, replayed: bool) -> Response:
    """Give `answer`, marked if the request had been carried out before."""
    response = make_response(answer)
    if replayed:
        response.headers["Idempotent-Replay"] = "true"
    return response


def led_to(
    address: Callable[[], str], page: Callable[[], str], facts: Mapping[str, object], status: int = 201
) -> Response:
    """Answer an act that leads to `address`: with the way there, and scripts with `facts` or the page, as they ask.

    The page spares a device far from the server a second journey, for the screen that its person waits for.
    """
    if wants_page():
        response = make_response(page(), status)
        response.content_location = address()
        return response
    return make_response(jsonify(facts), status) if wants_json() else make_response(redirect(address(), 303))


def said(answer: ResponseReturnValue, refusal: Refusal) -> Response:
    """Give `answer`, which puts `refusal` into words, the status and the headers of that refusal."""
    metrics.refused(refusal.code)
    response = make_response(answer)
    response.status_code = refusal.status
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def saved(name: str, header: Sequence[str], rows: Iterable[Sequence[object]], status: int = 200) -> Response:
    """Give a table as the CSV file `name`, with nothing in it that a spreadsheet would run."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written(header, rows), status, headers, mimetype="text/csv")
