"""The wallet as an app: manifest, service worker and the page that is there without a network."""

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, json, make_response, render_template
from flask.typing import ResponseReturnValue

from wallet.config import ROOT
from wallet.i18n import gettext as _
from wallet.web.current import kit, public

bp = Blueprint("pwa", __name__)

COVER = "#5b1239"
SHEET = "#f7f4f5"
# What the offline page needs beside its styles; everything else needs a network anyway.
OFFLINE_FILES = (
    "icons/icon.svg",
    "js/elements/wallet-code.js",
    "js/elements/wallet-offline.js",
    "js/elements/wallet-pwa.js",
    "js/lib/api.js",
    "js/lib/device.js",
    "js/lib/paycode.js",
    "js/lib/qrcode.js",
    "js/lib/states.js",
    "js/lib/store.js",
    "vendor/qr/index.js",
)


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Describe the app to the phone that installs it."""
    icons = [
        icon("icon.svg", "any", "any"),
        icon("icon-192.png", "192x192", "any"),
        icon("icon-512.png", "512x512", "any"),
        icon("maskable-512.png", "512x512", "maskable"),
    ]
    body = {
        "id": "/",
        "name": _("RES Wallet"),
        "short_name": _("RES Wallet"),
        "description": _("Pay at the co-ops of the federation"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": SHEET,
        "theme_color": COVER,
        "icons": icons,
        "shortcuts": [
            {"name": _("Pay"), "url": "/pay", "icons": icons[1:2]},
            {"name": _("My code"), "url": "/code", "icons": icons[1:2]},
        ],
    }
    response = make_response(json.dumps(body, ensure_ascii=False))
    response.mimetype = "application/manifest+json"
    return response


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """Send the service worker; its text changes with any static file, so the browser notices."""
    version = current_app.extensions["static_version"]
    text = render_template("pwa/sw.js", version=version, files=[f"/static/{version}/{name}" for name in kept_files()])
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """Show what works without a network; nothing of a member is in this page, the phone fills it in."""
    return render_template("pwa/offline.html", limit_minor=kit().charter.code_payment_minor)


def icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    """Describe one icon."""
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    return {
        "src": f"/static/{current_app.extensions['static_version']}/icons/{name}",
        "sizes": sizes,
        "type": kind,
        "purpose": purpose,
    }


@lru_cache(maxsize=1)
def kept_files(static: Path = ROOT / "static") -> tuple[str, ...]:
    """List the static files that the phone keeps: the styles, and what else the offline page needs."""
    styles = sorted(path.relative_to(static).as_posix() for path in (static / "css").rglob("*.css"))
    return (*styles, *(name for name in OFFLINE_FILES if (static / name).is_file()))
