"""Policies: what each view asks of who opens it, declared on the view itself.

    @bp.get("/office/<coop>")
    @needs("steward", of="coop")
    def show(coop: str) -> …

Who may not is answered before the view runs: 401 without a session, else as if the address did not exist. A policy
over a till, a bill or a receipt is held by the act itself, which finds its place and its person in one look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from wallet.errors import Refusal, refuse

View = TypeVar("View", bound=Callable[..., object])
Roles = tuple[tuple[str, str | None], ...]

# who: what a stranger to it is told; None where the act itself finds out.
REFUSALS: dict[str, str | None] = {
    "everyone": None,
    "signed_in": None,
    "cashier": None,
    "payer": None,
    "voter": None,
    "party": None,
    "paid": None,
    "second": None,
    "disputing": None,
    "staff": None,
    "approver": None,
    "steward": "unknown_coop",
    "facilitator": "unknown_page",
}
# Those of which a steward or a facilitator alone is one, though the act itself finds out where.
AGREEING = frozenset({"second", "approver"})
# What the act refuses that finds out whether somebody is one: maybe only because their role rests.
REFUSED_AT_REST = frozenset({"unknown_dispute", "unknown_receipt", "unknown_refund", "unknown_till"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold whom a view is for, and the argument of its address that names the place where they must be it.

    One that is `own` is for a session of their own, never for that of a counter's tablet.
    """

    who: str
    of: str | None = None
    own: bool = False


def needs(who: str, *, of: str | None = None, own: bool = False) -> Callable[[View], View]:
    """Declare that a view is for `who`, at the place that the argument `of` names; `own` is as in `Policy`."""
    assert who in REFUSALS, who
    policy = Policy(who, of, own)

    def marked(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return marked


def of_view(view: object) -> Policy | None:
    """Give the policy that a view declares."""
    return getattr(view, "policy", None)


def denied(policy: Policy, roles: Roles, places: dict[str, Any], resting: Roles = ()) -> Refusal | None:
    """Give the refusal for who holds `roles`, while others are `resting`, or None when the view may run."""
    code = REFUSALS[policy.who]
    if policy.who in AGREEING and resting:
        return refuse("confined")
    if code is None:
        return None
    place = None if policy.of is None else places.get(policy.of)
    if (policy.who, place) in roles:
        return None
    return refuse("confined" if (policy.who, place) in resting else code)
