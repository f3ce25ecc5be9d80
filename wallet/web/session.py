"""Signing in and out of this browser: the cookie, the revocable row behind it, and Flask-Login, in this one module."""

from typing import cast

from flask import Flask, Request, Response, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask_login import LoginManager, current_user

from wallet.services import sessions
from wallet.store.sessions import Bearer
from wallet.web.current import Viewer, kit

COOKIE = "wallet"


class NoClientSession(SessionInterface):
    """Keep nothing in the client but the token: Flask's own signed session stays empty."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002
        """Give a session that is empty and stays so."""
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing."""


class Tokens(LoginManager):  # type: ignore[misc]
    """Let Flask-Login find the person by the token in the cookie."""

    def load(self, asked: Request) -> Viewer | None:
        """Give the person whose live session the cookie names."""
        token = asked.cookies.get(cookie_name())
        found = sessions.look_up(kit(), token) if token else None
        if found is None:
            return None
        return Viewer(found.handle, found.name, found.counter_name, found.person_id, found.roles)


def install(app: Flask) -> None:
    """Tell `app` how a request's viewer is found: once, when first asked for."""
    app.session_interface = NoClientSession()
    manager = Tokens()
    # Tokens are random and die on sign-out; tying them to an address would sign people out in a shop's Wi-Fi.
    manager.session_protection = None
    manager.request_loader(manager.load)
    # Not init_app: it would look at every answer for a remember-me cookie, which we do not have.
    app.login_manager = manager  # type: ignore[attr-defined]

    app.extensions["viewer"] = _viewer
    app.extensions["bearer"] = _bearer


def _viewer() -> Viewer | None:
    if not request.cookies.get(cookie_name()) or not current_user.is_authenticated:
        return None
    return cast(Viewer, current_user._get_current_object())


def _bearer() -> Bearer | None:
    return sessions.bearer(request.cookies.get(cookie_name(), ""))


def cookie_name() -> str:
    """Name the session cookie; over https the browser holds it to this host alone."""
    return f"__Host-{COOKIE}" if kit().settings.secure else COOKIE


def begin(response: Response, handle: str) -> Response:
    """Sign `handle` in with a new session on `response`; the browser's former session ends.

    Raises: unknown_member.
    """
    token = sessions.sign_in(kit(), handle, former=request.cookies.get(cookie_name()))
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        secure=kit().settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def end(response: Response) -> Response:
    """Revoke this browser's session and have the browser forget what it kept of the person."""
    token = request.cookies.get(cookie_name())
    if token:
        sessions.sign_out(kit(), token)
    g.viewer = None
    response.delete_cookie(
        cookie_name(), path="/", secure=kit().settings.secure, httponly=True, samesite="Lax"
    )
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
