"""Browser safety: whose requests are taken, the headers on every answer, and how much may be sent."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import urlsplit

from flask import Flask, Response, request

from wallet.config import Settings
from wallet.errors import refuse
from wallet.i18n import gettext as _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_LIMIT = 64 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD"})
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
# As browsers write it; what else is typed by mistake would refuse every request, or show in every QR code.
ORIGIN = re.compile(r"https?://([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
# A part of a name in letters that no address has.
LETTERS = re.compile(r"[^:/.]*[^\x00-\x7f:/.][^:/.]*")
HOW_TO_MAKE_ONE = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
YEAR_SECONDS = 365 * 24 * 60 * 60
DEFAULT_PORTS = {"http": 80, "https": 443}

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = ", ".join(
    (
        "camera=(self)",
        "screen-wake-lock=(self)",
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
        *(f"{name}=()" for name in ("microphone", "geolocation", "payment", "usb", "serial", "midi")),
    )
)

# Whoever watches a process asks it by the address of its machine, and these answers name no host.
WATCHED = frozenset({"/readyz", "/metrics"})


class WithHeaders:
    """Put the safety headers on every answer of the WSGI application `inner`, whoever made it."""

    def __init__(self, inner: "WSGIApplication", headers: list[tuple[str, str]]) -> None:
        self.inner = inner
        self.headers = headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as `inner` does, with our headers."""

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            return start_response(status, headers + self.headers, *error)  # type: ignore[arg-type]

        return self.inner(environ, start)  # type: ignore[arg-type]


def safety_headers(settings: Settings) -> list[tuple[str, str]]:
    """List the headers that every answer carries."""
    headers = [
        ("Content-Security-Policy", CONTENT_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        # Never no-referrer: browsers would then send `Origin: null` with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", PERMISSIONS),
    ]
    if settings.secure:
        headers.append(("Strict-Transport-Security", f"max-age={YEAR_SECONDS}"))
    return headers


def isolation_headers() -> list[tuple[str, str]]:
    """List what answers that a browser shows carry besides: no other site's window reaches into ours."""
    return [("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin")]


def install(app: Flask, settings: Settings) -> None:
    """Judge every request of `app` by its host, its origin and its size, and keep its answers out of caches."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    hosts = allowed_hosts(settings)
    ours = settings.origin

    @app.before_request
    def judge() -> None:
        host = request.headers.get("Host", "").lower()
        is_ours = host in hosts or (settings.demo and LOOPBACK_HOST.fullmatch(host))
        if not is_ours and request.path not in WATCHED:
            raise refuse("bad_form", _("This is not the address of the wallet. No money moved."))
        if request.method not in SAFE_METHODS:
            _judge_origin(ours, f"http://{host}" if settings.demo else ours)
        view = app.view_functions[request.endpoint] if request.endpoint else None
        limit: int = getattr(view, "body_limit", BODY_LIMIT)
        request.max_content_length = limit
        if (request.content_length or 0) > limit:
            raise refuse("too_large")
        if CONTROLS.search(request.path):
            # No name of ours holds control characters, and no database is asked for them.
            raise refuse("unknown_page")

    @app.after_request
    def keep_private(response: Response) -> Response:
        if request.cookies or "Cache-Control" not in response.headers or "Set-Cookie" in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


def check_settings(settings: Settings, *, serving: bool) -> None:
    """Refuse to start with settings that would put people's money at risk.

    Raises: RuntimeError.
    """
    if not _is_origin(settings.origin):
        raise RuntimeError(_no_origin(settings.origin))
    if settings.demo and not settings.is_of_this_machine:
        raise RuntimeError(
            "WALLET_DEMO=1 signs anyone in as anyone, so it only starts on this machine: "
            "unset it, or set WALLET_ORIGIN to http://localhost:$PORT."
        )
    if serving and not settings.demo and settings.has_weak_secret:
        raise RuntimeError(
            "SECRET_KEY is missing, weak, or one that others have too: set it to at least 32 random characters. "
            f"This makes one: {HOW_TO_MAKE_ONE}"
        )


def _no_origin(address: str) -> str:
    """Say what an origin is; one in letters of one's own is told as browsers send it."""
    said = f"WALLET_ORIGIN must be an origin like https://wallet.example, not {address!r}."
    if address.isascii() or not address.isprintable():
        return said
    sent = LETTERS.sub(lambda label: f"xn--{normalize('NFKC', label[0]).encode('punycode').decode()}", address)
    return f"{said} Browsers send that as {sent}." if _is_origin(sent) else said


def _is_origin(address: str) -> bool:
    try:
        return ORIGIN.fullmatch(address) is not None and urlsplit(address).port != 0
    except ValueError:
        return False


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Give the values of Host that name this wallet, with and without the usual port."""
    parts = urlsplit(settings.origin)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    hosts = {f"{name}:{port}"}
    if port == DEFAULT_PORTS[parts.scheme]:
        hosts.add(name)
    return frozenset(hosts)


def _judge_origin(*ours: str) -> None:
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if (origin is not None and origin not in ours) or (site is not None and site not in ("same-origin", "none")):
        raise refuse(
            "not_allowed", _("This request came from another site. No money moved. Open the wallet and do it there.")
        )
