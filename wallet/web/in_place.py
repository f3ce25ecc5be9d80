"""Refused forms of a desk: their page says why, with what was typed still in it; other refusals know the way back."""

from collections.abc import Callable, Collection
from typing import Any, TypeAlias, TypeVar, cast

from flask import Flask, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException

from wallet.errors import Refusal
from wallet.web import policy
from wallet.web.addresses import unescaped
from wallet.web.current import Viewer, freshly_proved, is_drawn_for_another, viewer
from wallet.web.forms import says_what

View = TypeVar("View", bound=Callable[..., object])
# An endpoint, or a function that gives the address.
FormPage: TypeAlias = str | Callable[..., str]

# What the page of an error answers better: it signs in, asks for a passkey, or sends the same again.
ELSEWHERE = frozenset({"not_signed_in", "step_up_required", "too_many", "busy", "looks_repeated"})


def install(app: Flask) -> None:
    """Let templates of `app` say why a form was refused, keep what was typed, and lead back to the form."""
    app.jinja_env.globals.update(
        refused_here=refused_here,
        refused_in=refused_in,
        typed=typed,
        came_from=came_from,
        form_address=lambda: g.form_address,
    )


def answered_on(page: FormPage, **spoken_of: Collection[str]) -> Callable[[View], View]:
    """Have the page with the form of a view say its refusals and lead back to it.

    What a service refuses with one of the codes that are `spoken_of` for a field is said below that field.
    """

    def marked(view: View) -> View:
        view.form_page = page  # type: ignore[attr-defined]
        view.spoken_of = spoken_of  # type: ignore[attr-defined]
        return view

    return marked


def proved_here() -> Viewer:
    """Give the signed-in person, whose passkey proved moments ago that they are there.

    Raises: not_signed_in; step_up_required, which leads back to the page with the form of the view in hand.
    """
    where = _form_page()
    assert where is not None, f"{request.endpoint} is answered on no page"
    return freshly_proved(_address(where))


def page(refusal: Refusal) -> str | None:
    """Render the page with the form in hand, which says the refusal; None where another answer is better."""
    where = _form_page()
    if where is None or refusal.code in ELSEWHERE or refusal.status >= 500 or viewer() is None:
        return None
    g.refused = refusal
    refusal.wrong = refusal.wrong or _wrong(refusal)
    try:
        found = _shown(where)
    except Refusal:
        # Whoever may not see the page any more reads the refusal alone.
        found = None
    # A page that has no place for the sentence would swallow it.
    return None if g.pop("refused", None) is not None else found


def refused_here() -> Refusal | None:
    """Give the refusal that the page in hand has to say, once."""
    found = cast("Refusal | None", g.pop("refused", None))
    g.said_here = found
    return found


def refused_in(action: str) -> Refusal | None:
    """Give the refusal that the page in hand says, if it is of the form for `action`."""
    return g.get("said_here") if unescaped(action) == request.path else None


def typed(action: str, name: str, otherwise: object = "") -> object:
    """Give what was typed into the field `name` of the refused form for `action`, or what stands there `otherwise`."""
    refusal = refused_in(action)
    if refusal is None or request.mimetype != "application/x-www-form-urlencoded" or refusal.code == "too_large":
        return otherwise
    if is_drawn_for_another():
        # What somebody else typed is no choice of the viewer's.
        return otherwise
    return request.form.get(name, "")


def came_from() -> str | None:
    """Give the page of ours from which the form in hand was sent, or None."""
    ours = request.headers.get("Origin", request.host_url.rstrip("/"))
    if request.method != "POST" or not (request.referrer or "").startswith(f"{ours}/"):
        return None
    where = request.referrer.removeprefix(ours)
    return where if _page_at(where.partition("?")[0]) else None


def _form_page() -> FormPage | None:
    return getattr(_view_in_hand(), "form_page", None)


def _wrong(refusal: Refusal) -> dict[str, str]:
    """Give the field that the view in hand says a service's refusal is of, with the sentence."""
    spoken_of = getattr(_view_in_hand(), "spoken_of", {}) if says_what(refusal) else {}
    return {name: refusal.sentence for name, codes in spoken_of.items() if refusal.code in codes}


def _view_in_hand() -> Callable[..., object] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _address(where: FormPage) -> str:
    arguments = request.view_args or {}
    if callable(where):
        return where(**arguments)
    (rule,) = (rule for rule in current_app.url_map.iter_rules(where) if "GET" in (rule.methods or ()))
    return url_for(where, **{name: arguments[name] for name in rule.arguments})


def _shown(where: FormPage) -> str | None:
    address = g.form_address = _address(where)
    found = _page_at(address)
    person = viewer()
    if found is None or person is None:
        return None
    view, arguments = found
    asked = policy.of_view(view)
    if asked is None or policy.denied(asked, person.roles, arguments) is not None:
        return None
    answer = view(**arguments)
    return answer if isinstance(answer, str) else None


def _page_at(path: str) -> tuple[Callable[..., Any], dict[str, Any]] | None:
    """Give the view that shows the page at `path`, and its arguments."""
    # Two slashes would name another host.
    if not path.startswith("/") or path.startswith("//"):
        return None
    try:
        endpoint, arguments = current_app.create_url_adapter(request).match(unescaped(path), method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return None
    return current_app.view_functions[endpoint], dict(arguments)
