"""Counters of this process, for /metrics: requests by route and status, payments, refusals, open streams."""

import threading
from collections import Counter

from flask import Flask, Response, request

_lock = threading.Lock()
_requests: Counter[tuple[str, str, int]] = Counter()
_refusals: Counter[str] = Counter()
_single: Counter[str] = Counter()


def install(app: Flask) -> None:
    """Count every answered request of `app` by its route, never by its address."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        with _lock:
            _requests[request.method, route, response.status_code] += 1
        return response


def paid() -> None:
    """Count a bill paid or a code charged."""
    with _lock:
        _single["payments"] += 1


def refused(code: str) -> None:
    """Count a refusal by its code."""
    with _lock:
        _refusals[code] += 1


def stream_opened() -> None:
    """Count an event stream that began."""
    with _lock:
        _single["streams"] += 1


def stream_closed() -> None:
    """Count an event stream that ended."""
    with _lock:
        _single["streams"] -= 1


def as_text() -> str:
    """Write the counters in Prometheus' text format."""
    with _lock:
        requests, refusals, single = dict(_requests), dict(_refusals), dict(_single)
    lines = ["# HELP wallet_requests_total Requests answered.", "# TYPE wallet_requests_total counter"]
    lines += [
        f'wallet_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'
        for (method, route, status), number in sorted(requests.items())
    ]
    lines += ["# HELP wallet_refusals_total Requests refused, by code.", "# TYPE wallet_refusals_total counter"]
    lines += [f'wallet_refusals_total{{code="{code}"}} {number}' for code, number in sorted(refusals.items())]
    lines += [
        "# HELP wallet_payments_total Bills paid and codes charged.",
        "# TYPE wallet_payments_total counter",
        f"wallet_payments_total {single.get('payments', 0)}",
        "# HELP wallet_streams_open Event streams open now.",
        "# TYPE wallet_streams_open gauge",
        f"wallet_streams_open {single.get('streams', 0)}",
        "",
    ]
    return "\n".join(lines)
