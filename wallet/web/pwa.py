"""The wallet as an app: manifest, service worker and the page that is there without a network."""

from functools import lru_cache

from flask import Blueprint, Response, current_app, json, make_response, render_template
from flask.typing import ResponseReturnValue

from wallet.config import ROOT
from wallet.i18n import gettext as _
from wallet.i18n import spoken
from wallet.web.current import public

bp = Blueprint("pwa", __name__)

COVER = "#5b1239"
SHEET = "#f7f4f5"
ICONS = (
    ("icons/icon.svg", "any", "any"),
    ("icons/icon-192.png", "192x192", "any"),
    ("icons/icon-512.png", "512x512", "any"),
    ("icons/maskable-512.png", "512x512", "maskable"),
)
# What the screenshots are that `python -m tests.browser.shots --docs` takes.
HANDSET, TABLET = "390x700", "1024x768"
# What the pages without a network need beside its styles; everything else needs a network anyway.
OFFLINE_FILES = (
    "icons/icon.svg",
    "js/elements/wallet-code.js",
    "js/elements/wallet-offline.js",
    "js/elements/wallet-outage.js",
    "js/elements/wallet-pwa.js",
    "js/lib/api.js",
    "js/lib/device.js",
    "js/lib/kept.js",
    "js/lib/money.js",
    "js/lib/outage.js",
    "js/lib/paycode.js",
    "js/lib/qrcode.js",
    "js/lib/reach.js",
    "js/lib/settle.js",
    "js/lib/states.js",
    "js/lib/store.js",
    "js/lib/theme.js",
    "vendor/qr/index.js",
)


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Describe the app to the phone that installs it."""
    body = {
        "id": "/",
        "name": _("RES Wallet"),
        "short_name": _("RES Wallet"),
        "description": _("Pay at the co-ops of the federation"),
        "lang": spoken().tag,
        "dir": spoken().direction,
        "categories": ["finance"],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": SHEET,
        "theme_color": COVER,
        "icons": [picture(*each) for each in ICONS],
        "shortcuts": [
            shortcut(_("Pay"), "/pay", "pay"),
            shortcut(_("My code"), "/code", "code"),
            shortcut(_("Till"), "/tills/", "till"),
        ],
        "screenshots": [
            {**picture("screenshots/home.png", HANDSET), "form_factor": "narrow", "label": _("What you have")},
            {**picture("screenshots/bill.png", HANDSET), "form_factor": "narrow", "label": _("Paying a bill")},
            {**picture("screenshots/till.png", TABLET), "form_factor": "wide", "label": _("A till that waits")},
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
    kept = kept_files(current_app.extensions["styles"])
    text = render_template("pwa/sw.js", version=version, files=[f"/static/{version}/{name}" for name in kept])
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """Show what works without a network; nothing of a member is in this page, the phone fills it in."""
    return render_template("pwa/offline.html")


@bp.get("/unanswered")
@public
def unanswered() -> ResponseReturnValue:
    """Show whoever sent a form, and lost the network meanwhile, that nobody knows what came of it."""
    return render_template("pwa/unanswered.html")


def picture(name: str, sizes: str, purpose: str | None = None) -> dict[str, str]:
    """Describe one picture of the manifest."""
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    described = {"src": f"/static/{current_app.extensions['static_version']}/{name}", "sizes": sizes, "type": kind}
    return described if purpose is None else described | {"purpose": purpose}


def shortcut(name: str, url: str, drawn: str) -> dict[str, object]:
    """Describe one of the places that a long press on the app's icon leads to."""
    return {"name": name, "url": url, "icons": [picture(f"icons/shortcut-{drawn}.png", "192x192", "any")]}


@lru_cache(maxsize=1)
def kept_files(styles: tuple[str, ...]) -> tuple[str, ...]:
    """List the static files that the phone keeps: the styles, and what else the pages without a network need."""
    return (*styles, *(name for name in OFFLINE_FILES if (ROOT / "static" / name).is_file()))
