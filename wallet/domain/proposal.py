"""Kinds of proposals: for which co-ops each can be carried out, who agrees to it, and what ends it."""

from dataclasses import dataclass

_IN = frozenset({"active"})
# A suspended co-op still chooses who serves it and helps its members back.
_NOT_OUT = frozenset({"active", "suspended"})
_ANY = frozenset({"active", "suspended", "left"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Hold what is particular about the proposals of one kind.

    `statuses` are those of the co-op it is about in which it can be carried out; none, if it is about no co-op that is
    known already. `of_federation` is what facilitators propose and agree to at their own desk, `stewards_only` what a
    co-op's stewards agree to without their help. `alone` is done at once by whoever is alone, since nobody holds a role
    yet by which they could agree: it makes the second person. `outlives_coop` goes on waiting when its co-op leaves;
    `changes_tills` changes whether the co-op's tills may charge; `makes_link` makes a link that is kept nowhere, and
    that only the key with which it was made gives again.
    """

    statuses: frozenset[str] = frozenset()
    of_federation: bool = False
    stewards_only: bool = False
    alone: bool = False
    outlives_coop: bool = False
    changes_tills: bool = False
    makes_link: bool = False


KINDS: dict[str, Kind] = {
    "admit": Kind(of_federation=True, changes_tills=True),
    "line": Kind(of_federation=True, statuses=_IN),
    "suspend": Kind(of_federation=True, statuses=_IN, changes_tills=True),
    "lift": Kind(of_federation=True, statuses=frozenset({"suspended"}), changes_tills=True),
    "leave": Kind(of_federation=True, statuses=_IN, changes_tills=True),
    "facilitator": Kind(of_federation=True, alone=True, makes_link=True),
    "end_facilitator": Kind(of_federation=True),
    "invite": Kind(statuses=_IN, alone=True, makes_link=True),
    "role": Kind(statuses=_NOT_OUT, alone=True),
    "end_role": Kind(statuses=_NOT_OUT),
    # Each co-op lets its members go, whether it is in or not.
    "end_work": Kind(statuses=_ANY, outlives_coop=True),
    "recover": Kind(statuses=_NOT_OUT, makes_link=True),
    # What a co-op's money is put to, and what its meeting approved, is for its own stewards; a bill ends by itself.
    "supply": Kind(statuses=_IN, stewards_only=True, outlives_coop=True),
    "fund": Kind(statuses=_IN, stewards_only=True),
    "declare": Kind(statuses=_IN, stewards_only=True),
}
STEWARDS_ONLY = tuple(name for name, kind in KINDS.items() if kind.stewards_only)
# A co-op has no say in these about itself, so that they stand at no co-op's desk.
ABOUT_A_COOP = tuple(name for name, kind in KINDS.items() if kind.of_federation and kind.statuses)
ENDS_WITH_COOP = tuple(name for name, kind in KINDS.items() if not kind.of_federation and not kind.outlives_coop)
