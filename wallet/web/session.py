"""Signing in and out of this browser: the cookie, the revocable row behind it, and Flask-Login, in this one module."""

import secrets
from typing import cast

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask_login import LoginManager, current_user

from wallet.domain.secret import digest_of, is_token
from wallet.services import sessions, tablets
from wallet.store.sessions import Bearer, Doorway
from wallet.store.tablets import Tablet
from wallet.web import policy
from wallet.web.browsers import device_named
from wallet.web.current import Viewer, kit

COOKIE = "wallet"
# Before there is a session: whose challenge an answer may use up.
CEREMONY = "ceremony"
CEREMONY_SECONDS = 24 * 60 * 60
# On a shared tablet: which device it is, and the session of whoever works at it.
DEVICE = "tablet"
DEVICE_SECONDS = 400 * 24 * 60 * 60
COUNTER = "counter"
COUNTER_SECONDS = 16 * 60 * 60
# What a tablet's session opens.
AT_COUNTER = frozenset({"cashier", "staff", "party"})


class NoClientSession(SessionInterface):
    """Keep nothing in the client but the token: Flask's own signed session stays empty."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002
        """Give a session that is empty and stays so."""
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing."""


class Tokens(LoginManager):  # type: ignore[misc]
    """Let Flask-Login find the person by the token in the cookie."""

    def load(self, _asked: Request) -> Viewer | None:
        """Give the person whose live session the cookie names."""
        asked = _bearer()
        found = sessions.look_up(kit(), asked) if asked else None
        if found is None:
            return None
        return Viewer(
            handle=found.handle,
            name=found.name,
            counter_name=found.counter_name,
            person_id=found.person_id,
            roles=found.roles,
            session_id=found.session_id,
            means=found.means,
            asserted_at=found.asserted_at,
            unseen=found.unseen,
            has_news=found.has_news,
            confined_until=found.confined_until,
            resting=found.resting,
            coming=found.coming,
        )


def install(app: Flask) -> None:
    """Tell `app` how a request's viewer is found, once, when first asked for, and its pages which tablet shows them."""
    app.session_interface = NoClientSession()
    manager = Tokens()
    # Tokens are random and die on sign-out; tying them to an address would sign people out in a shop's Wi-Fi.
    manager.session_protection = None
    manager.request_loader(manager.load)
    # Not init_app: it would look at every answer for a remember-me cookie, which we do not have.
    app.login_manager = manager  # type: ignore[attr-defined]

    app.extensions["viewer"] = _viewer
    app.extensions["bearer"] = _bearer
    app.jinja_env.globals["this_tablet"] = tablet


def _viewer() -> Viewer | None:
    if _bearer() is None or not current_user.is_authenticated:
        return None
    return cast(Viewer, current_user._get_current_object())


def _bearer() -> Bearer | None:
    """Give the session that counts for the view in hand: at a counter of a tablet's co-op that of the tablet."""
    if "bearer" not in g:
        own = sessions.bearer(request.cookies.get(cookie_name(), ""))
        g.bearer = _of_tablet(own) or own
    return cast("Bearer | None", g.bearer)


def _of_tablet(own: Bearer | None) -> Bearer | None:
    found = at_the_counter()
    asked = policy.of_view(current_app.view_functions.get(request.endpoint or "")) if found else None
    if found is None or asked is None or asked.own or asked.who not in AT_COUNTER:
        return None
    named = (request.view_args or {}).get(asked.of or "", "")
    # Its cashier may serve elsewhere too: with it, nobody works at another co-op.
    is_here = tablets.is_for(kit(), found, asked.of, named)
    if own is not None:
        # Somebody has signed in to a wallet here, too: theirs is what is not the counter's, or no cashier's any more.
        return found if is_here and tablets.is_open(kit(), found) else None
    # A receipt itself knows its readers.
    return found if is_here or asked.who == "party" else None


def at_the_counter() -> Bearer | None:
    """Give the session that this tablet holds of whoever works at it."""
    return sessions.bearer(request.cookies.get(cookie_name(COUNTER), ""), at_counter=True)


def counter_token() -> tuple[str, str]:
    """Draw the token of a new session on this tablet, with its digest."""
    token = secrets.token_urlsafe(32)
    bearer = sessions.bearer(token, at_counter=True)
    assert bearer is not None, "what we draw is a token"
    return token, bearer.digest


def begin_at_the_counter(response: Response, token: str) -> Response:
    """Keep the session of whoever works at this tablet."""
    _keep(response, cookie_name(COUNTER), token, COUNTER_SECONDS)
    return response


def end_at_the_counter(response: Response) -> Response:
    """Have this tablet forget the session that it held."""
    response.delete_cookie(cookie_name(COUNTER), path="/", secure=kit().settings.secure, httponly=True, samesite="Lax")
    return response


def device() -> tuple[str, str]:
    """Give the token by which this browser is known as a tablet, drawn now if it has none yet, and its digest."""
    return _token_kept(DEVICE)


def tablet() -> Tablet | None:
    """Give the shop's tablet that this browser is, if it is one."""
    token = request.cookies.get(cookie_name(DEVICE), "")
    # Nearly every browser is none: no phone's page waits for that.
    return tablets.standing(kit(), digest_of(token)).tablet if is_token(token) else None


def is_tablet() -> bool:
    """Tell whether this browser is a shop's tablet."""
    return tablet() is not None


def keep_device(response: Response, token: str) -> Response:
    """Keep in this browser which tablet it is."""
    _keep(response, cookie_name(DEVICE), token, DEVICE_SECONDS)
    return response


def cookie_name(name: str = COOKIE) -> str:
    """Name the session cookie, or another one; over https the browser holds it to this host alone."""
    return f"__Host-{name}" if kit().settings.secure else name


def doorway() -> tuple[str, Doorway]:
    """Draw the token of a new session for this browser; give it with what the sign-in needs."""
    return sessions.doorway(
        kit(),
        former=request.cookies.get(cookie_name(), ""),
        ceremony=request.cookies.get(cookie_name(CEREMONY), ""),
        device=device_named(request.user_agent.string),
    )


def begin(response: Response, token: str) -> Response:
    """Keep the session of `token` in this browser."""
    _keep(response, cookie_name(), token, int(sessions.LIFETIME.total_seconds()))
    return response


def begin_as(response: Response, handle: str) -> Response:
    """Sign a persona of the demo in with a new session on `response`; the browser's former session ends.

    Raises: unknown_member.
    """
    token, door = doorway()
    sessions.sign_in_as(kit(), handle, door)
    return begin(response, token)


def ceremony() -> tuple[str, str]:
    """Give the token by which a browser that is not signed in answers its own challenges alone, and its digest."""
    return _token_kept(CEREMONY)


def _token_kept(name: str) -> tuple[str, str]:
    token = request.cookies.get(cookie_name(name), "")
    if not is_token(token):
        token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def keep_ceremony(response: Response, token: str) -> Response:
    """Keep the ceremony's token in this browser."""
    _keep(response, cookie_name(CEREMONY), token, CEREMONY_SECONDS)
    return response


def _keep(response: Response, name: str, token: str, seconds: int) -> None:
    response.set_cookie(
        name, token, max_age=seconds, path="/", secure=kit().settings.secure, httponly=True, samesite="Lax"
    )


def end(response: Response) -> Response:
    """Revoke this browser's session and have it forget what it kept of the person; a tablet stays its till's."""
    token = request.cookies.get(cookie_name())
    if token:
        sessions.sign_out(kit(), token)
    response.delete_cookie(cookie_name(), path="/", secure=kit().settings.secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"' if is_tablet() else '"cache", "cookies", "storage"'
    return response
