"""A co-op leaves, or comes, while something is done there: it is first and ends with that, or last and is refused."""

from functools import partial

import pytest

from tests.races.conftest import Meets
from tests.races.test_roles import waiting
from wallet.kit import Kit
from wallet.services import invitations, network, proposals
from wallet.services.invitations import Offer
from wallet.store import coops
from wallet.store import invitations as links
from wallet.store import proposals as rows
from wallet.store.engine import reading

pytestmark = pytest.mark.only_on("postgresql")


def propose(kit: Kit, kind: str) -> object:
    """Propose something about the bakery, or at its desk."""
    acts = {
        "suspend": partial(proposals.suspend, kit, "gil", "bakery", "why"),
        "role": partial(proposals.give_role, kit, "eve", "bakery", "ben", "steward"),
        "fund": partial(proposals.put_in, kit, "eve", "bakery", 1_00, key="a fund"),
    }
    return acts[kind]()


@pytest.mark.parametrize("kind", ["suspend", "role", "fund"])
@pytest.mark.parametrize("proposal_is_first", [True, False])
def test_what_is_proposed_while_a_coop_leaves_waits_for_nobody(
    pairs: Kit, meets: Meets, kind: str, proposal_is_first: bool
) -> None:
    proposals.let_go(pairs, "flo", "bakery")
    leave, begin = partial(proposals.agree, pairs, "gil", waiting(pairs)), partial(propose, pairs, kind)
    if proposal_is_first:
        meets("wallet.store.agreed.look_ahead", begin, leave)
    else:
        assert meets("wallet.store.coops.leave", leave, begin)[1] == "account_not_open"

    with reading(pairs.engine) as connection:
        assert [each.kind for each in rows.waiting(connection, pairs.clock())] == []


def test_who_proposes_again_what_is_just_agreed_to_is_told_how_it_stands(pairs: Kit, meets: Meets) -> None:
    proposals.let_go(pairs, "flo", "bakery")
    leave = partial(proposals.agree, pairs, "gil", waiting(pairs))
    came = meets("wallet.store.proposals.decide", leave, partial(proposals.let_go, pairs, "flo", "bakery"))

    assert came == (proposals.Outcome(True), "account_not_open")


@pytest.mark.parametrize("link_is_first", [True, False])
def test_no_link_that_is_made_while_a_coop_leaves_works_once_it_is_in_again(
    pairs: Kit, meets: Meets, link_is_first: bool
) -> None:
    proposals.let_go(pairs, "flo", "bakery")
    leave, offer = partial(proposals.agree, pairs, "gil", waiting(pairs)), Offer("worker", coop="bakery", name="Zed")
    invite = partial(invitations.invite_once, pairs, offer, invited_by="eve", key="a link's")
    if link_is_first:
        meets("wallet.store.coops.require_inviting", invite, leave)
    else:
        assert meets("wallet.store.coops.leave", leave, invite)[1] == "account_not_open"
    network.admit_coop(pairs, "bakery", 1)

    with reading(pairs.engine) as connection:
        assert links.standing_at(connection, coops.known(connection, "bakery").id, pairs.clock()) == frozenset()


@pytest.mark.parametrize(("other", "comes"), [("Corner shop", "already_waiting"), ("Corner (Shop)", None)])
def test_of_two_coops_that_are_proposed_at_once_one_has_the_name_and_each_its_slug(
    pairs: Kit, meets: Meets, other: str, comes: str | None
) -> None:
    _first, came = meets(
        "wallet.store.coops.free_slug",
        partial(proposals.admit, pairs, "flo", "Corner Shop", 100),
        partial(proposals.admit, pairs, "gil", other, 100),
    )

    assert came == (comes or proposals.Outcome(False))
    with reading(pairs.engine) as connection:
        slugs = [each.content["slug"] for each in rows.waiting(connection, pairs.clock())]
    assert slugs == ["corner-shop", "corner-shop-2"][: 1 if comes else 2]


def test_who_proposes_a_coop_that_is_just_admitted_reads_that_its_name_is_taken(pairs: Kit, meets: Meets) -> None:
    proposals.admit(pairs, "flo", "Corner Shop", 100)
    _admitted, came = meets(
        "wallet.store.coops.names",
        partial(proposals.agree, pairs, "gil", waiting(pairs)),
        partial(proposals.admit, pairs, "flo", "Corner shop", 100),
    )

    assert came == "name_taken"
