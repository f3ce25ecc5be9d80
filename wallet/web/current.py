"""What a request knows: the kit, who is looking, and what kind of answer they want."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar, cast

from flask import Flask, current_app, g, request
from markupsafe import Markup

from wallet.domain.lately import is_lately
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store.sessions import Bearer
from wallet.web import forms, policy
from wallet.web.security import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Viewer:
    """Hold the signed-in person; a role is a pair of its name and its co-op (None for the federation's)."""

    handle: str
    name: str
    counter_name: str = ""
    person_id: int = 0
    roles: tuple[tuple[str, str | None], ...] = field(default=())
    session_id: int = 0
    means: str = ""
    asserted_at: datetime | None = None
    # What happened to their ways in that this browser has not shown.
    unseen: int = 0
    # Whether something moved, or asks for an answer, that they have not seen on any browser.
    has_news: bool = False
    # While they are held to small sums after a way back: until when, and the roles that rest so long.
    confined_until: datetime | None = None
    resting: tuple[tuple[str, str | None], ...] = field(default=())
    # Roles that have been given and begin later, with when.
    coming: tuple[tuple[tuple[str, str | None], datetime], ...] = field(default=())

    # What Flask-Login asks of a user.
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    def get_id(self) -> str:
        """Give the name by which Flask-Login knows this person."""
        return self.handle

    @property
    def is_facilitator(self) -> bool:
        """Tell whether this person serves the federation as a facilitator."""
        return ("facilitator", None) in self.roles

    def is_cashier_at(self, coop: str) -> bool:
        """Tell whether this person takes money at the tills of `coop`."""
        return ("cashier", coop) in self.roles

    def is_steward_at(self, coop: str) -> bool:
        """Tell whether this person runs the office of `coop`."""
        return ("steward", coop) in self.roles

    @property
    def is_steward(self) -> bool:
        """Tell whether this person runs the office of any co-op."""
        return any(role == "steward" for role, _coop in self.roles)


# How long a passkey's answer counts for what needs a fresh one.
FRESH = timedelta(minutes=5)


def kit() -> Kit:
    """Give what a use case needs."""
    return cast(Kit, current_app.extensions["kit"])


def viewer() -> Viewer | None:
    """Give the signed-in person, or None."""
    if "viewer" not in g:
        g.viewer = current_app.extensions["viewer"]()
    return cast("Viewer | None", g.viewer)


def signed_in() -> Viewer:
    """Give the signed-in person.

    Raises: not_signed_in.
    """
    found = viewer()
    if found is None:
        raise refuse("not_signed_in")
    return found


def drawn() -> Markup:
    """Write the field by which a form says for whom its page was drawn; nothing where nobody is signed in."""
    who = viewer()
    field = Markup('<input type="hidden" name="{}" value="{}" data-asked>')
    return field.format(forms.DRAWN_FOR, who.handle) if who else Markup("")


def is_drawn_for_another() -> bool:
    """Tell whether the page that sent the request was drawn for somebody else than who has signed in here since."""
    named = forms.drawn_for()
    who = viewer() if named else None
    return who is not None and who.handle != named


def is_fresh(person: Viewer) -> bool:
    """Tell whether a passkey proved moments ago that this person is there; in the demo a persona always is."""
    if is_persona(person):
        return True
    return person.asserted_at is not None and is_lately(person.asserted_at, kit().clock(), FRESH)


def is_persona(person: Viewer) -> bool:
    """Tell whether this is somebody of the demo, signed in by one tap."""
    return person.means == "demo" and kit().deployment.personas


def freshly_proved(back: str) -> Viewer:
    """Give the signed-in person, whose passkey proved moments ago that they are there.

    Raises: not_signed_in; step_up_required, with the page that asks for the passkey and then leads `back`.
    """
    found = signed_in()
    if not is_fresh(found):
        sentence = _("Confirm with your passkey first. Nothing was changed, and no money moved.")
        raise refuse("step_up_required", sentence, confirm=back)
    return found


def explained(refusal: Refusal) -> Refusal:
    """Tell a payer who came back in person why no passkey helps, and a script (`confined`) to ask for none in vain."""
    who = viewer()
    if refusal.code != "step_up_required" or who is None or who.confined_until is None:
        return refusal
    return refuse(
        "step_up_required",
        _(
            "For three days after a way back in person a passkey does not help: only sums within your limits are paid. "
            "No money moved. Until when stands under You, Ways in."
        ),
        confined=True,
    )


def wants_json() -> bool:
    """Tell whether the asker wants JSON: by Accept, or by sending JSON and not asking for a page."""
    if _wants_json_alone():
        return True
    page, script = _wish("text/html"), max(_wish("application/json"), _wish("application/problem+json"))
    # A wildcard alone is no wish: pages are the default, but who sends JSON reads it.
    return script >= page if request.is_json else script > page


def wants_page() -> bool:
    """Tell whether a script asks for the page that its act leads to; its refusals may still be JSON."""
    return not _wants_json_alone() and request.is_json and _wish("text/html") > _wish("application/json")


def _wants_json_alone() -> bool:
    return request.headers.get("Accept") == "application/json"


def _wish(wanted: str) -> tuple[float, int]:
    """Tell how much the asker would like `wanted`, and how precisely they named it."""
    precision = {wanted: 2, f"{wanted.partition('/')[0]}/*": 1, "*/*": 0}
    named = ((asked.partition(";")[0].strip().lower(), quality) for asked, quality in request.accept_mimetypes)
    found = max(((precision[kind], quality) for kind, quality in named if kind in precision), default=(0, 0.0))
    # Who names what they do not take does not wish for it.
    return (found[1], found[0]) if found[1] else (0.0, 0)


def public(view: View) -> View:
    """Mark a view as open to everyone; all others need a signed-in session."""
    view.is_public = True  # type: ignore[attr-defined]
    return policy.needs("everyone")(view)


def proves_itself(view: View) -> View:
    """Mark a view whose one act proves the session together with everything else, in one round trip."""
    view.proves_itself = True  # type: ignore[attr-defined]
    return view


def when_shut_out(page: Callable[..., str]) -> Callable[[View], View]:
    """Have `page`, given the view's arguments, say that its reader is signed out or let in no more."""

    def marked(view: View) -> View:
        view.shut_out_page = page  # type: ignore[attr-defined]
        return view

    return marked


def is_signed_out() -> bool:
    """Tell whether the proof of the session was left to the act of the view in hand, and there is no session."""
    return "is_unproved" in g and viewer() is None


def asker() -> Bearer:
    """Give the session that asks, for an act that proves it.

    Raises: not_signed_in, without a token that could be one.
    """
    found = current_app.extensions["bearer"]()
    if found is None:
        raise refuse("not_signed_in")
    return cast(Bearer, found)


def install(app: Flask) -> None:
    """Hold every request to the policy of its view; a view that is not public needs somebody signed in.

    A page that was drawn for one of them acts for no other.
    """
    app.jinja_env.globals.update(drawn=drawn)

    @app.before_request
    def hold_to_policy() -> None:
        view = app.view_functions[request.endpoint] if request.endpoint else None
        if view is None or hasattr(view, "is_public"):
            return
        if hasattr(view, "proves_itself"):
            asker()
            # What is refused before, such as a request from another site, is refused whoever asks.
            g.is_unproved = True
        else:
            who, asked, places = signed_in(), policy.of_view(view), request.view_args or {}
            # A view that does not say whom it is for is for nobody.
            refusal = policy.denied(asked, who.roles, places, who.resting) if asked else refuse("not_allowed")
            if refusal is not None:
                raise refusal
        if request.method not in SAFE_METHODS and is_drawn_for_another():
            # What the former reader sent may have moved money yet: it speaks of the present one alone.
            raise refuse(
                "not_allowed",
                _(
                    "Somebody else has signed in here since this page was opened. Nothing was changed for them, and "
                    "nothing was paid from their wallet. Open it again to see whose it is."
                ),
            )
