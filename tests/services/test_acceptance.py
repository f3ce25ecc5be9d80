"""Who is here already takes up an invitation with the wallet that they have."""

import pytest

from tests import cast
from tests.persona import sign_in
from wallet.domain.secret import digest_of
from wallet.errors import Refusal
from wallet.services import acceptance, invitations, sessions
from wallet.services.invitations import Offer
from wallet.store.engine import reading
from wallet.store.views import office


@pytest.fixture
def valley(kit):
    return cast.build(kit)


def link(kit, kind, **offer):
    return digest_of(invitations.invite(kit, Offer(kind, **offer)))


def roles_of(kit, handle):
    return sessions.look_up(kit, sessions.bearer(sign_in(kit, handle))).roles


def workers(kit, coop):
    with reading(kit.engine) as connection:
        return {worker.handle for worker in office.workers(connection, coop)}


def code(kit, handle, digest):
    with pytest.raises(Refusal) as refused:
        acceptance.accept(kit, handle, digest)
    return refused.value.code


def test_a_customer_becomes_a_member_and_keeps_the_wallet(valley, balances):
    before = balances()
    invitation = link(valley, "worker", coop="clinic", roles=("cashier",))

    acceptance.accept(valley, "cy", invitation)

    assert "cy" in workers(valley, "clinic")
    assert roles_of(valley, "cy") == (("cashier", "clinic"),)
    assert balances() == before
    assert code(valley, "ana", invitation) == "invitation_spent"


def test_who_accepts_twice_has_accepted_and_nothing_begins_anew(valley, clock):
    invitation = link(valley, "worker", coop="clinic", roles=("steward",))
    acceptance.accept(valley, "ana", invitation)
    clock.advance(days=1)

    acceptance.accept(valley, "ana", invitation)

    assert roles_of(valley, "ana") == (("steward", "clinic"),)
    assert code(valley, "cy", invitation) == "invitation_spent"


def test_a_steward_who_was_here_already_waits_a_day_too(valley, clock):
    acceptance.accept(valley, "ana", link(valley, "worker", coop="clinic", roles=("steward",)))
    assert roles_of(valley, "ana") == ()

    clock.advance(days=1)

    assert roles_of(valley, "ana") == (("steward", "clinic"),)


def test_a_member_becomes_a_facilitator_once(valley):
    acceptance.accept(valley, "ana", link(valley, "facilitator"))

    assert roles_of(valley, "ana") == (("facilitator", None),)
    again = link(valley, "facilitator")
    assert code(valley, "ana", again) == "not_allowed"
    acceptance.accept(valley, "ben", again)


def test_what_one_is_already_is_not_taken_up_and_the_link_lives_on(valley):
    invitation = link(valley, "worker", coop="mill")

    assert code(valley, "ana", invitation) == "not_allowed"
    assert code(valley, "cy", link(valley, "customer")) == "not_allowed"

    acceptance.accept(valley, "cy", invitation)


def test_who_works_there_takes_up_what_an_invitation_brings_beyond_that(valley, clock):
    invitation = link(valley, "worker", coop="mill", roles=("cashier", "steward"))
    # Dee is the mill's cashier.
    acceptance.accept(valley, "dee", invitation)

    assert roles_of(valley, "dee") == (("cashier", "mill"),), "a new steward waits a day"
    clock.advance(days=1)
    assert set(roles_of(valley, "dee")) == {("cashier", "mill"), ("steward", "mill")}
    again = link(valley, "worker", coop="mill", roles=("cashier", "steward"))
    assert code(valley, "dee", again) == "not_allowed"
    assert code(valley, "ana", invitation) == "invitation_spent"


def test_a_link_that_ran_out_or_never_was_begins_nothing(valley, clock):
    invitation = link(valley, "worker", coop="clinic")
    clock.advance(days=7)

    assert code(valley, "cy", invitation) == "invitation_spent"
    assert code(valley, "cy", "nothing") == "unknown_invitation"
    assert "cy" not in workers(valley, "clinic")
