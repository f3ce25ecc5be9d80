"""Metrics of all workers of a server: requests by route and status, payments, refusals, open streams."""

from typing import Any

from flask import Flask, Response, request

from wallet.web.tally import OVERFLOW, Board

STREAMS = "wallet_streams_open"
PAYMENTS = "wallet_payments_total"
# Names as Prometheus writes them, with what they mean, in the order in which they are written.
MEANINGS = {
    "wallet_requests_total": ("counter", "Requests answered."),
    "wallet_refusals_total": ("counter", "Requests refused, by code."),
    PAYMENTS: ("counter", "Bills paid and codes charged."),
    STREAMS: ("gauge", "Event streams open now."),
    OVERFLOW: ("counter", "What was counted under no name of its own, for want of room."),
}
METHODS = frozenset({"GET", "HEAD", "POST"})
# Workers come and go, and while a server is reloaded there are twice as many.
SPARE = 32

# Until a server shares one: of this process alone.
_board = Board(1)
_page = _board.page(1)


def share(workers: int) -> None:
    """Set a board aside for the workers that this process is about to start."""
    global _board
    _board = Board(2 * workers + SPARE)


def lend(worker: Any) -> None:
    """Give a worker that is about to start a page of the board."""
    worker.page = _board.lend()


def write_to(worker: Any) -> None:
    """Count this process, which is that worker, on its page."""
    global _page
    if worker.page is not None:
        _page = _board.page(worker.page)


def take_back(worker: Any) -> None:
    """Keep what a worker counted that is gone, and close its streams."""
    if worker.page is not None:
        _board.take_back(worker.page, but=frozenset({STREAMS}))


def install(app: Flask) -> None:
    """Count every answered request of `app` by its route, never by its address."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        # Anybody may invent methods; only ours get a line of their own.
        method = request.method if request.method in METHODS else "other"
        _page.add(f'wallet_requests_total{{method="{method}",route="{route}",status="{response.status_code}"}}')
        return response


def paid() -> None:
    """Count a bill paid or a code charged."""
    _page.add(PAYMENTS)


def refused(code: str) -> None:
    """Count a refusal by its code."""
    _page.add(f'wallet_refusals_total{{code="{code}"}}')


def stream_opened() -> None:
    """Count an event stream that began."""
    _page.add(STREAMS)


def stream_closed() -> None:
    """Count an event stream that ended."""
    _page.add(STREAMS, -1)


def as_text() -> str:
    """Write what was counted in Prometheus' text format."""
    total = {PAYMENTS: 0, STREAMS: 0} | _board.total()
    lines = []
    for name, (kind, meaning) in MEANINGS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{series} {total[series]}" for series in sorted(total) if series.partition("{")[0] == name]
    return "\n".join([*lines, ""])
