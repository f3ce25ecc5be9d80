"""The factory: puts settings, database, blueprints and safety together into one application."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa
from flask import Flask
from jinja2 import StrictUndefined

from wallet import assets
from wallet.config import ROOT, Settings
from wallet.kit import Kit, system_clock
from wallet.live import Live
from wallet.store.engine import make_engine
from wallet.web import (
    blocks,
    current,
    errors,
    events,
    filters,
    language,
    logs,
    metrics,
    own_tablet,
    qr,
    rates,
    security,
    session,
)
from wallet.web.addresses import Name, RowNumber, keep_slashes
from wallet.web.files import Files
from wallet.web.health import Alive

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLUEPRINTS = (
    "access",
    "activity",
    "auth",
    "ballot_proposals",
    "ballots",
    "bills",
    "bookkeeping",
    "charter",
    "code",
    "counted_sales",
    "counter",
    "declarations",
    "demo",
    "disputes",
    "dividend",
    "dividend_runs",
    "elections",
    "events",
    "federation",
    "flags",
    "gifts",
    "growth",
    "health",
    "home",
    "install",
    "invitation_lists",
    "join",
    "limits",
    "me",
    "notices",
    "office",
    "outage",
    "pay",
    "pool",
    "pool_office",
    "payday",
    "payruns",
    "place_office",
    "places",
    "proposals",
    "pwa",
    "receipts",
    "refunds",
    "share",
    "shifts",
    "slips",
    "sticker",
    "tablet",
    "supplies",
    "till",
    "till_bills",
    "till_state",
    "wallet_statement",
    "you",
)


class WalletApp(Flask):
    """Be Flask without asking of every function whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give `func` as it is."""
        return func

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; an escaped slash in its path is none that parts it."""
        keep_slashes(environ)
        return super().wsgi_app(environ, start_response)


def create_app(
    settings: Settings | None = None, *, engine: sa.Engine | None = None, clock: Callable[[], datetime] | None = None
) -> Flask:
    """Build the application; what is not given comes from the environment.

    Raises: RuntimeError, for settings that are not safe to serve with, and for a demo of real people; ValueError, for
        settings that cannot be read.
    """
    settings = settings or Settings.from_environment()
    serving = _is_serving()
    security.check_settings(settings, serving=serving)
    app = WalletApp("wallet", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters |= {"int": RowNumber, "default": Name}
    # Behind a proxy the redirect to the address with one slash would lead to http, with the code that is in it.
    app.url_map.merge_slashes = False
    engine = engine if engine is not None else _opened(settings.database_url)
    live = Live(engine)
    kit = app.extensions["kit"] = Kit(engine, clock or system_clock, settings, hint=live.hint)
    if settings.demo and serving:
        import_module("wallet.cli.demo").see_that_nobody_is_real(kit)
    events.install(app, live, settings.threads)
    _set_up_templates(app)
    logs.install()
    # Their order is the order in which a request is judged.
    language.install(app)
    security.install(app, settings)
    session.install(app)
    current.install(app)
    errors.install(app)
    metrics.install(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"wallet.web.{name}").bp)
    rates.install(app)
    _add_commands(app)
    _put_in_front(app, settings)
    return app


def _opened(url: str) -> sa.Engine:
    try:
        return make_engine(url)
    except ValueError as error:
        raise ValueError(f"DATABASE_URL: {error}") from None


def _is_serving() -> bool:
    """Tell whether this process will answer requests, or only runs a command such as `db upgrade`."""
    context = click.get_current_context(silent=True)
    return context is None or context.info_name == "run"


def _set_up_templates(app: Flask) -> None:
    version = assets.version(ROOT / "static")
    app.extensions["static_version"] = version

    def asset(path: str) -> str:
        """Give the address of a static file; it changes when any file does."""
        return f"/static/{version}/{path}"

    styles = app.extensions["styles"] = assets.styles()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, styles=styles, block=blocks.block, qr=qr.svg)
    app.jinja_env.globals.update(new_key=lambda: str(uuid.uuid4()))
    filters.install(app)
    own_tablet.install(app)

    @app.context_processor
    def known_everywhere() -> dict[str, object]:
        kit = current.kit()
        return {
            "viewer": current.viewer(),
            "demo": kit.settings.demo,
            "origin": kit.settings.origin,
            "now": kit.clock(),
        }


def _add_commands(app: Flask) -> None:
    import_module("wallet.cli").register(app)


def _put_in_front(app: Flask, settings: Settings) -> None:
    """Put static files, the headers of every answer and /healthz in front of Flask."""
    headers = security.safety_headers(settings)
    files = Files(app.wsgi_app, ROOT / "static", app.extensions["static_version"])
    shown = security.WithHeaders(files, headers + security.isolation_headers())
    app.wsgi_app = Alive(shown, headers)  # type: ignore[method-assign]
