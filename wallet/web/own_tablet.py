"""The shop's tablet whose session opens the page in hand: every such page locks by itself, as its till's does."""

from typing import cast

from flask import Flask, g

from wallet.domain.pairing import IDLE
from wallet.services.tablets import MEANS
from wallet.store import tablets
from wallet.store.engine import reading
from wallet.store.tablets import Tablet
from wallet.web.current import kit, viewer


def install(app: Flask) -> None:
    """Let the layout of `app` tell whether a tablet's session opens the page, and when it locks untouched."""
    app.jinja_env.globals.update(own_tablet=own_tablet, idle_seconds=int(IDLE.total_seconds()))


def own_tablet() -> Tablet | None:
    """Give the tablet whose session opens the page in hand; None where another does, or none."""
    if "own_tablet" not in g:
        g.own_tablet = _find()
    return cast("Tablet | None", g.own_tablet)


def _find() -> Tablet | None:
    who = viewer()
    if who is None or who.means != MEANS:
        return None
    with reading(kit().engine) as connection:
        return tablets.of_session(connection, who.session_id)
