"""What somebody began in a role ends with the role: what waits for one more yes, and the links in their hands."""

from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from tests import cast
from tests.clock import Clock
from tests.persona import sign_in
from tests.races.rush import rush
from tests.resting import rest
from wallet.domain.invitation_list import Invitee
from wallet.domain.payfile import PayfileLine
from wallet.domain.secret import digest_of
from wallet.errors import Refusal
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
    paybounds,
    payments,
    payruns,
    proposals,
    sessions,
    supplies,
)
from wallet.services.invitations import Offer
from wallet.store import dividends as drafts
from wallet.store import notices, people
from wallet.store import payruns as runs
from wallet.store import proposals as rows
from wallet.store.engine import reading
from wallet.store.payruns import PayRun
from wallet.store.views import ballots as ballot_view

TODAY = "2026-03-02"


@pytest.fixture
def valley(kit: Kit) -> Kit:
    """Give the cast with three stewards of the bakery, Eve, Ivo and Una, and three facilitators, Flo, Gil and Dee."""
    cast.build_in_pairs(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.join(kit, "bakery", "una", name="Una Bell")
    members.grant(kit, "una", "steward", "bakery")
    members.grant(kit, "dee", "facilitator")
    paybounds.answer_floor(kit, "ivo", "bakery", None, "Ivo Brand")
    return kit


def newest(kit: Kit) -> int:
    with reading(kit.engine) as connection:
        return max(each.id for each in rows.waiting(connection, kit.clock()))


def agreed(kit: Kit, by: str) -> str:
    return digest_of(proposals.agree(kit, by, newest(kit)).token or "")


def waiting(kit: Kit) -> list[tuple[str, str]]:
    """List what waits: its kind, and who proposed it."""
    with reading(kit.engine) as connection:
        return [(each.kind, each.by) for each in rows.waiting(connection, kit.clock())]


def asked_still(kit: Kit, handle: str) -> list[str]:
    """List what somebody is still asked for."""
    with reading(kit.engine) as connection:
        told = notices.last(connection, people.holder(connection, handle).id, notices.MONEY)
    return [one.kind for one in told if one.until_at is not None and not one.is_over(kit.clock())]


def roles_of(kit: Kit, handle: str) -> tuple[tuple[str, str | None], ...]:
    found = sessions.look_up(kit, sessions.bearer(sign_in(kit, handle)))
    assert found is not None
    return found.roles


def taken_up(kit: Kit, handle: str, link: str) -> str:
    """Take a link up; give the code of the refusal."""
    try:
        acceptance.accept(kit, handle, link)
    except Refusal as refusal:
        return refusal.code
    return ""


def works_no_more(kit: Kit) -> None:
    proposals.end_work(kit, "una", "bakery", "eve")
    agreed(kit, "ivo")


def serves_no_more(kit: Kit) -> None:
    proposals.end_role(kit, "una", "bakery", "eve", "steward")
    agreed(kit, "ivo")


def left(kit: Kit) -> None:
    members.leave(kit, "bakery", "eve")


def facilitates_no_more(kit: Kit, handle: str) -> None:
    proposals.end_facilitator(kit, "flo", handle)
    agreed(kit, "dee" if handle == "gil" else "gil")


every_end = pytest.mark.parametrize("ends", [works_no_more, serves_no_more, left])


def link(kit: Kit, by: str, kind: str = "worker", coop: str = "bakery") -> str:
    made = invitations.invite_once(kit, Offer(kind, coop=coop, name="Hal"), invited_by=by, key=str(uuid4()))
    return digest_of(made.token)


@every_end
def test_no_link_of_a_steward_outlives_their_role(valley: Kit, ends: Callable[[Kit], None]) -> None:
    proposals.invite_to_serve(valley, "ivo", "bakery", "Hal", "steward")
    held = [agreed(valley, "eve"), link(valley, "eve"), link(valley, "eve", "customer")]
    others = link(valley, "ivo")
    ends(valley)

    assert [taken_up(valley, "eve", each) for each in held] == ["invitation_spent"] * 3
    assert ("steward", "bakery") not in roles_of(valley, "eve")
    assert taken_up(valley, "ana", others) == ""


@every_end
def test_no_link_is_made_by_who_is_no_steward_any_more(valley: Kit, ends: Callable[[Kit], None]) -> None:
    kept = invitation_lists.keep(valley, "eve", "bakery", (Invitee("Hal", "worker"),))
    ends(valley)

    with pytest.raises(Refusal, match="not_allowed"):
        link(valley, "eve")
    with pytest.raises(Refusal, match="not_allowed"):
        invitation_lists.invite_all(valley, "eve", "bakery", kept, key=str(uuid4()))


def test_a_facilitator_who_ends_holds_no_link_but_those_of_their_co_op(valley: Kit) -> None:
    members.grant(valley, "gil", "steward", "mill")
    proposals.add_facilitator(valley, "flo", "Hal")
    federations = agreed(valley, "gil")
    proposals.invite_to_serve(valley, "flo", "clinic", "Hal", "steward")
    helped = agreed(valley, "gil")
    own = link(valley, "gil", coop="mill")
    facilitates_no_more(valley, "gil")

    assert [taken_up(valley, "gil", each) for each in (federations, helped)] == ["invitation_spent"] * 2
    assert roles_of(valley, "gil") == (("steward", "mill"),)
    assert taken_up(valley, "ana", own) == "not_allowed", "it works: Ana is there already"


def test_a_way_back_that_two_agreed_on_stays_its_owners(valley: Kit, clock: Clock) -> None:
    proposals.recover(valley, "ivo", "bakery", "cy")
    token = proposals.agree(valley, "eve", newest(valley)).token
    works_no_more(valley)
    clock.advance(days=1)

    assert invitations.look_up(valley, token or "").is_open


@every_end
def test_what_a_steward_proposed_waits_for_nobody_once_they_serve_no_more(
    valley: Kit, ends: Callable[[Kit], None]
) -> None:
    members.grant(valley, "eve", "facilitator")
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.recover(valley, "eve", "bakery", "cy")
    proposals.put_in(valley, "eve", "bakery", 100, key=str(uuid4()))
    proposals.invite_to_serve(valley, "ivo", "bakery", "Hal", "cashier")
    proposals.change_line(valley, "eve", "mill", 1)
    proposals.give_role(valley, "eve", "clinic", "flo", "cashier")
    ends(valley)

    assert waiting(valley) == [("invite", "ivo"), ("line", "eve"), ("role", "eve")]
    assert asked_still(valley, "una") == ["second"]


def test_a_bill_that_a_former_steward_would_have_the_co_op_pay_is_not_paid(valley: Kit) -> None:
    bill = payments.open_bill(valley, "mill-1", "dee", amount_minor=900_00, key=str(uuid4()))
    asked = supplies.pay(valley, "eve", "bakery", bill.code, key=str(uuid4()))
    assert asked.receipt is None
    number = newest(valley)
    works_no_more(valley)

    with pytest.raises(Refusal, match="already_decided"):
        proposals.agree(valley, "una", number)
    assert asked_still(valley, "una") == []
    assert supplies.pay(valley, "una", "bakery", bill.code, key=str(uuid4())).receipt is None, "una may ask anew"


@every_end
def test_a_bill_is_open_again_and_ends_in_its_time_once_who_asked_another_to_pay_it_serves_no_more(
    valley: Kit, clock: Clock, ends: Callable[[Kit], None]
) -> None:
    bill = payments.open_bill(valley, "mill-1", "dee", amount_minor=900_00, key=str(uuid4()))
    supplies.pay(valley, "eve", "bakery", bill.code, key=str(uuid4()))
    held = payments.show_bill(valley, bill.code, "dee")
    assert (held.state, held.payer_name) == ("claimed", cast.COOPS["bakery"])
    hints = list[str]()
    object.__setattr__(valley, "hint", lambda *topics: hints.extend(topics))

    ends(valley)

    freed = payments.show_bill(valley, bill.code, "dee")
    assert (freed.state, freed.payer_name, freed.expires_at) == ("open", None, bill.expires_at)
    # A membership that a history ends is watched by no screen.
    assert ends is left or {"till:mill-1", f"bill:{bill.code}"} <= set(hints)
    clock.set(bill.expires_at)
    assert payments.show_bill(valley, bill.code, "dee").state == "expired"


def test_what_a_facilitator_proposed_waits_for_nobody_once_they_are_none(valley: Kit) -> None:
    proposals.change_line(valley, "gil", "mill", 1)
    proposals.invite_to_serve(valley, "gil", "clinic", "Hal", "steward")
    proposals.change_line(valley, "dee", "clinic", 1)
    ballots.propose(valley, "gil", 156, "Late joiners wait long enough.", 30)
    facilitates_no_more(valley, "gil")

    assert waiting(valley) == [("line", "dee")]
    assert asked_still(valley, "flo") == ["second"]
    with reading(valley.engine) as connection:
        assert ballot_view.proposed(connection) == []


def test_what_somebody_proposed_before_their_roles_rest_goes_on(valley: Kit) -> None:
    proposals.give_role(valley, "eve", "bakery", "ben", "cashier")
    rest(valley, "eve")

    agreed(valley, "ivo")

    assert ("cashier", "bakery") in roles_of(valley, "ben")


def submitted(kit: Kit, by: str) -> int:
    run = payruns.draft(kit, by, "bakery", TODAY)
    payruns.fill(kit, by, "bakery", run, 1, [PayfileLine(0, "ben", "", 60, 1_000, 0)])
    payruns.submit(kit, by, "bakery", run, 2)
    return run


def seen(kit: Kit, number: int) -> PayRun:
    with reading(kit.engine) as connection:
        return runs.find(connection, "bakery", number)


@every_end
def test_a_run_is_a_draft_again_once_who_submitted_it_serves_no_more(valley: Kit, ends: Callable[[Kit], None]) -> None:
    run, of_ivo = submitted(valley, "eve"), submitted(valley, "ivo")
    ends(valley)

    with pytest.raises(Refusal, match="changed_meanwhile"):
        payruns.approve(valley, "una", "bakery", run, 3)
    found = seen(valley, run)
    assert (found.state, found.returned, found.submitted_by) == ("draft", "ended", None)
    assert sorted(asked_still(valley, "una")) == ["approve_run", "run_unsigned"]
    assert asked_still(valley, "eve") == []
    payruns.approve(valley, "una", "bakery", of_ivo, 3)

    payruns.submit(valley, "ivo", "bakery", run, found.rev)
    assert "run_unsigned" not in asked_still(valley, "una")
    assert payruns.approve_and_post(valley, "una", "bakery", run, found.rev + 1) == "posted"


def test_a_run_that_two_have_signed_is_paid_whoever_serves_no_more(valley: Kit) -> None:
    run = submitted(valley, "eve")
    payruns.approve(valley, "una", "bakery", run, 3)
    works_no_more(valley)

    assert payruns.post(valley, "bakery", run) == "posted"


@pytest.mark.parametrize("signed", [False, True])
def test_a_dividend_is_withdrawn_once_who_drafted_it_facilitates_no_more_unless_another_approved(
    valley: Kit, clock: Clock, *, signed: bool
) -> None:
    histories.fund(valley, "mill", cast.POT, key="pool")
    clock.advance(days=60)
    run = dividends.draft(valley, "gil", date(2026, 4, 1), cast.POT)
    if signed:
        dividends.approve(valley, "dee", run)
    facilitates_no_more(valley, "gil")

    with reading(valley.engine) as connection:
        assert (drafts.draft(connection) is not None) == signed
    assert "approve_dividend" not in asked_still(valley, "flo")


def test_who_takes_a_link_up_while_their_role_ends_holds_none(valley: Kit) -> None:
    proposals.invite_to_serve(valley, "ivo", "bakery", "Hal", "cashier")
    held = agreed(valley, "eve")
    proposals.end_work(valley, "una", "bakery", "eve")
    number = newest(valley)

    rush([partial(taken_up, valley, "eve", held), partial(proposals.agree, valley, "ivo", number)])

    assert roles_of(valley, "eve") == ()
