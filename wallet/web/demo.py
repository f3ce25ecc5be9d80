"""The demo's door: personas that sign in with one tap. In any other federation these addresses do not exist."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from wallet.domain.addresses import segment
from wallet.errors import refuse
from wallet.store.engine import reading
from wallet.store.views import personas
from wallet.store.views.personas import Persona
from wallet.web import session
from wallet.web.addresses import own_path
from wallet.web.current import kit, public, wants_json
from wallet.web.fields import label, text
from wallet.web.forms import read

bp = Blueprint("demo", __name__)


@bp.before_request
def only_in_demo() -> None:
    """Hide these addresses outside the demo."""
    if not kit().settings.demo:
        raise refuse("unknown_page")


@bp.get("/demo")
@public
def show() -> Response:
    """List the personas that can be tried."""
    with reading(kit().engine) as connection:
        found = personas.everyone(connection)
    if wants_json():
        return jsonify(personas=[_as_json(persona) for persona in found])
    target = own_path(request.args.get("next", ""))
    return make_response(render_template("demo/personas.html", personas=found, target=target))


@bp.post("/demo/sign-in")
@public
def sign_in() -> Response:
    """Sign the browser in as a persona."""
    form = read(handle=label(), next=text(200, optional=True))
    if wants_json():
        return session.begin_as(make_response("", 204), form.handle)
    return session.begin_as(make_response(redirect(own_path(form.next) or _start(form.handle), 303)), form.handle)


def _start(handle: str) -> str:
    """Give the first page of a persona: the till for who serves one, else the wallet."""
    with reading(kit().engine) as connection:
        serves = next((one.tills for one in personas.everyone(connection) if one.handle == handle), ())
    return f"/tills/{segment(serves[0])}" if serves else "/"


def _as_json(persona: Persona) -> dict[str, object]:
    roles = [role if coop is None else f"{role}:{coop}" for role, coop in persona.roles]
    return {"handle": persona.handle, "name": persona.name, "roles": roles, "tills": list(persona.tills)}
