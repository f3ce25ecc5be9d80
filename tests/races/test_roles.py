"""A role is given, ends or rests while its holder comes back or leaves: nobody serves who should not."""

from functools import partial

import pytest
import sqlalchemy as sa

from tests import cast
from tests.races.conftest import Meets
from tests.races.test_ways_in import come_back, id_of
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import acceptance, invitations, members, proposals
from wallet.services.invitations import Offer
from wallet.store import coops, ownset, roles, tables
from wallet.store import proposals as rows
from wallet.store.engine import reading

pytestmark = pytest.mark.only_on("postgresql")


def waiting(kit: Kit) -> int:
    with reading(kit.engine) as connection:
        (number,) = [each.id for each in rows.waiting(connection, kit.clock())]
    return number


def is_steward(kit: Kit, handle: str) -> bool:
    """Tell whether somebody is the bakery's steward, or will be."""
    with reading(kit.engine) as connection:
        return roles.holds(connection, handle, "steward", coops.known(connection, "bakery").id)


def serves(kit: Kit, handle: str) -> bool:
    """Tell whether somebody serves the bakery as its steward now."""
    with reading(kit.engine) as connection:
        return handle in roles.serving(connection, coops.known(connection, "bakery").id, "steward", kit.clock())


def works(kit: Kit, handle: str) -> bool:
    with reading(kit.engine) as connection:
        return ownset.works_at(connection, id_of(kit, handle), coops.known(connection, "bakery").id)


@pytest.mark.parametrize("end_is_first", [True, False])
def test_a_role_that_ends_while_its_holder_comes_back_stays_ended(pairs: Kit, meets: Meets, end_is_first: bool) -> None:
    members.grant(pairs, "ben", "steward", "bakery")
    proposals.end_role(pairs, "eve", "bakery", "ben", "steward")
    end, back = partial(proposals.agree, pairs, "ivo", waiting(pairs)), partial(come_back, pairs, "ben")
    if end_is_first:
        meets("wallet.store.roles.revoke", end, back)
    else:
        meets("wallet.store.roles.rest", back, end)

    assert not is_steward(pairs, "ben")


@pytest.mark.parametrize("role_is_first", [True, False])
def test_a_role_that_is_given_while_its_holder_comes_back_rests(pairs: Kit, meets: Meets, role_is_first: bool) -> None:
    members.join(pairs, "bakery", "kim")
    give, back = partial(members.grant, pairs, "kim", "steward", "bakery"), partial(come_back, pairs, "kim")
    if role_is_first:
        meets("wallet.store.roles.grant", give, back)
    else:
        meets("wallet.store.roles.rest", back, give)

    assert (is_steward(pairs, "kim"), serves(pairs, "kim")) == (True, False)


@pytest.mark.parametrize("role_is_first", [True, False])
def test_who_takes_up_a_role_while_their_work_ends_has_none(pairs: Kit, meets: Meets, role_is_first: bool) -> None:
    members.join(pairs, "bakery", "kim")
    link = digest_of(invitations.invite(pairs, Offer("worker", coop="bakery", roles=("steward",))))
    proposals.end_work(pairs, "eve", "bakery", "kim")
    accept, end = partial(acceptance.accept, pairs, "kim", link), partial(proposals.agree, pairs, "ivo", waiting(pairs))
    if role_is_first:
        meets("wallet.store.roles.grant", accept, end)
        assert not works(pairs, "kim")
    else:
        # Who has left by then begins to work there anew, as the link says.
        meets("wallet.store.roles.revoke_all", end, accept)

    assert works(pairs, "kim") == is_steward(pairs, "kim")


def test_nobody_is_given_a_role_whose_work_there_is_ending(kit: Kit, meets: Meets) -> None:
    cast.build(kit)
    members.join(kit, "clinic", "kim")
    # Flo alone could agree, so that what she proposes is done at once.
    leave = partial(members.leave, kit, "clinic", "kim")
    give = partial(proposals.give_role, kit, "flo", "clinic", "kim", "steward")
    _left, given = meets("wallet.store.roles.revoke_all", leave, give)

    assert given == "unknown_member"


def test_a_role_that_is_given_twice_at_once_is_held_once(pairs: Kit, meets: Meets) -> None:
    give = partial(members.grant, pairs, "cy", "cashier", "bakery")
    meets("wallet.store.roles.grant", give, give)

    held = sa.select(sa.func.count()).where(tables.roles.c.person_id == id_of(pairs, "cy"))
    with reading(pairs.engine) as connection:
        assert connection.execute(held).scalar_one() == 1


def test_a_facilitator_who_is_let_go_while_they_come_back_is_none(pairs: Kit, meets: Meets) -> None:
    members.grant(pairs, "eve", "facilitator")
    proposals.end_facilitator(pairs, "flo", "eve")
    end = partial(proposals.agree, pairs, "gil", waiting(pairs))
    meets("wallet.store.roles.rest", partial(come_back, pairs, "eve"), end)

    with reading(pairs.engine) as connection:
        assert not roles.facilitates(connection, id_of(pairs, "eve"))
