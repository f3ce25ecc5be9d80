"""Somebody begins something by a role, or agrees, while that role ends: it ends with the role, or is refused."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from tests import cast
from tests.races.conftest import Meets, attempt
from tests.races.rush import deadlocks
from tests.races.test_roles import is_steward
from tests.races.test_ways_in import id_of
from wallet.domain.invitation_list import Invitee
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import (
    acceptance,
    ballots,
    dividends,
    histories,
    invitation_lists,
    invitations,
    members,
    network,
    payments,
    proposals,
    supplies,
)
from wallet.services.invitations import Offer
from wallet.store import coops, facilitators, roles
from wallet.store import dividends as drafts
from wallet.store import invitations as links
from wallet.store import proposals as rows
from wallet.store.engine import reading
from wallet.store.views import ballots as ballot_view

pytestmark = pytest.mark.only_on("postgresql")

Act = Callable[[], object]
# Who has looked goes on; who ends the role has ended what it found, and goes on.
LOOKED, ENDED = "wallet.store.agreed.look_ahead", "wallet.store.role_ends.end"


@pytest.fixture
def valley(pairs: Kit) -> Kit:
    """Give the cast with Hal, a third facilitator, and Joe, a third steward of the bakery, whose roles two would end.

    Gil's yes ends Hal's, Ivo's ends Joe's.
    """
    network.found_federation(pairs, "Alder Valley", charter_on="2024-01-01")
    histories.fund(pairs, "mill", cast.POT, key="pool")
    members.join(pairs, "clinic", "hal")
    members.grant(pairs, "hal", "facilitator")
    members.join(pairs, "bakery", "joe")
    members.grant(pairs, "joe", "steward", "bakery")
    return pairs


def newest(kit: Kit) -> int:
    with reading(kit.engine) as connection:
        return max(each.id for each in rows.waiting(connection, kit.clock()))


def end_of(kit: Kit, handle: str) -> Act:
    """Propose that somebody's role ends; give the yes by which it does."""
    if handle == "joe":
        proposals.end_role(kit, "eve", "bakery", "joe", "steward")
        return partial(proposals.agree, kit, "ivo", newest(kit))
    proposals.end_facilitator(kit, "flo", handle)
    return partial(proposals.agree, kit, "gil", newest(kit))


def work_ends(kit: Kit) -> Act:
    proposals.end_work(kit, "eve", "bakery", "joe")
    return partial(proposals.agree, kit, "ivo", newest(kit))


def work_ends_by_the_server(kit: Kit) -> Act:
    return partial(members.leave, kit, "bakery", "joe")


def begun(kit: Kit) -> list[str]:
    """List what waits for somebody's yes, or to be taken up."""
    with reading(kit.engine) as connection:
        waits = [each.kind for each in rows.waiting(connection, kit.clock())]
        asked = ["a ballot" for _each in ballot_view.proposed(connection)]
        drafted = ["a dividend"] if drafts.draft(connection) else []
        places = [coops.known(connection, slug).id for slug in cast.COOPS]
        held = ["a link" for place in places for _one in links.standing_at(connection, place, kit.clock())]
    return waits + asked + drafted + held


BY_A_FACILITATOR: dict[str, tuple[str, Callable[[Kit], object]]] = {
    "a credit line": (LOOKED, lambda kit: proposals.change_line(kit, "hal", "mill", 99_00)),
    "a co-op": (LOOKED, lambda kit: proposals.admit(kit, "hal", "Moon", 99_00)),
    "a ballot": (
        "wallet.store.facilitators.require_with_second",
        lambda kit: ballots.propose(kit, "hal", 156, "Late joiners wait long enough.", 30),
    ),
    "a dividend": (
        "wallet.store.facilitators.require_with_second",
        lambda kit: dividends.draft(kit, "hal", date(2026, 1, 1), 1_00),
    ),
}


@pytest.mark.parametrize("what", BY_A_FACILITATOR)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_facilitator_begins_while_they_are_let_go_waits_for_nobody(
    valley: Kit, meets: Meets, what: str, is_first: bool
) -> None:
    step, begin = BY_A_FACILITATOR[what]
    end, begins = end_of(valley, "hal"), partial(begin, valley)
    if is_first:
        meets(step, begins, end)
    else:
        assert meets(ENDED, end, begins)[1] == "not_allowed"

    assert begun(valley) == []


def test_what_is_begun_by_who_looks_at_their_role_and_does_not_hold_it_is_caught_waiting_for_a_yes(
    valley: Kit, meets: Meets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    end = end_of(valley, "hal")
    monkeypatch.setattr(roles, "hold", lambda *_named: None)
    meets(LOOKED, partial(proposals.change_line, valley, "hal", "mill", 99_00), end)

    assert begun(valley) == ["line"]


@pytest.mark.parametrize("is_first", [True, False])
def test_who_agrees_to_a_link_while_they_are_let_go_holds_none(valley: Kit, meets: Meets, is_first: bool) -> None:
    end = end_of(valley, "hal")
    proposals.add_facilitator(valley, "flo", "Zed")
    agree = partial(proposals.agree, valley, "hal", newest(valley), key="the link's")
    if is_first:
        agreed, _ended = meets("wallet.store.second_persons.may_agree", agree, end)
        assert attempt(partial(acceptance.accept, valley, "hal", digest_of(agreed.token))) == "invitation_spent"
    else:
        assert meets(ENDED, end, agree)[1] == "second_person"

    with reading(valley.engine) as connection:
        assert not roles.facilitates(connection, id_of(valley, "hal"))


def test_of_two_facilitators_who_let_each_other_go_at_once_one_stays(valley: Kit, meets: Meets) -> None:
    of_hal = end_of(valley, "hal")
    proposals.end_facilitator(valley, "flo", "gil")
    of_gil = partial(proposals.agree, valley, "hal", newest(valley))

    assert meets("wallet.store.second_persons.may_agree", of_hal, of_gil)[1] == "second_person"

    with reading(valley.engine) as connection:
        assert sorted(facilitators.serving(connection, valley.clock())) == ["flo", "gil"]
    assert deadlocks(valley) == 0


def invites(kit: Kit) -> Act:
    offer = Offer("worker", coop="bakery", name="Zed")
    return partial(invitations.invite_once, kit, offer, invited_by="joe", key="the link's")


def invites_a_list(kit: Kit) -> Act:
    number = invitation_lists.keep(kit, "joe", "bakery", (Invitee("Zed", "worker"), Invitee("Yan", "customer")))
    return partial(invitation_lists.invite_all, kit, "joe", "bakery", number, key="the links'")


def has_a_bill_paid(kit: Kit) -> Act:
    bill = payments.open_bill(kit, "mill-1", "dee", amount_minor=600_00, key="the bill")
    return partial(supplies.pay, kit, "joe", "bakery", bill.code, key="the asking")


BY_A_STEWARD = {
    invites: ("wallet.store.coops.require_inviting", "not_allowed"),
    invites_a_list: ("wallet.store.invitation_lists.use", "not_allowed"),
    has_a_bill_paid: ("wallet.store.supplies.payable", "unknown_coop"),
}


@pytest.mark.parametrize("what", BY_A_STEWARD, ids=lambda what: what.__name__)
@pytest.mark.parametrize("ends", [partial(end_of, handle="joe"), work_ends, work_ends_by_the_server])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_steward_begins_while_they_are_let_go_brings_nothing_about(
    valley: Kit, meets: Meets, what: Callable[[Kit], Act], ends: Callable[[Kit], Act], is_first: bool
) -> None:
    (step, refused), begins, end = BY_A_STEWARD[what], what(valley), ends(valley)
    if is_first:
        meets(step, begins, end)
    else:
        assert meets(ENDED, end, begins)[1] == refused

    assert begun(valley) == []
    assert deadlocks(valley) == 0


def test_who_takes_up_their_own_link_while_they_are_let_go_keeps_no_role(valley: Kit, meets: Meets) -> None:
    proposals.invite_to_serve(valley, "eve", "bakery", "Zed", "cashier")
    link = digest_of(proposals.agree(valley, "joe", newest(valley)).token or "")
    accept = partial(acceptance.accept, valley, "joe", link)

    assert meets("wallet.store.invitations.held", accept, work_ends(valley))[0] is None

    assert not is_steward(valley, "joe")
    with reading(valley.engine) as connection:
        place = coops.known(connection, "bakery").id
        assert not roles.serves(connection, id_of(valley, "joe"), "cashier", place, valley.clock())
    assert deadlocks(valley) == 0
