"""Two people: what one proposes another carries out, once, and nobody alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from tests import cast
from tests.persona import sign_in
from tests.resting import DAYS, rest
from wallet.errors import Refusal
from wallet.services import members, network, payments, proposals, sessions
from wallet.store import coops, notices, ownset, people, second_persons
from wallet.store import proposals as rows
from wallet.store.engine import reading
from wallet.store.tables import roles
from wallet.store.views import office


@pytest.fixture
def valley(kit):
    return cast.build_in_pairs(kit)


def waiting(kit):
    with reading(kit.engine) as connection:
        return [each.id for each in reversed(rows.waiting(connection, kit.clock()))]


def coop(kit, slug):
    with reading(kit.engine) as connection:
        return office.one_coop(connection, slug)


def code(call, *arguments, **named):
    with pytest.raises(Refusal) as refused:
        call(*arguments, **named)
    return refused.value.code


def roles_of(kit, handle):
    return sessions.look_up(kit, sessions.bearer(sign_in(kit, handle))).roles


def test_a_co_op_is_admitted_when_a_second_facilitator_agrees(valley):
    proposals.admit(valley, "flo", "Hill Farm", 50_000)
    (one,) = waiting(valley)
    assert coop(valley, "hill-farm") is None

    proposals.agree(valley, "gil", one)

    assert coop(valley, "hill-farm")[:2] == ("hill-farm", "Hill Farm")
    assert coop(valley, "hill-farm").line_minor == 50_000
    assert waiting(valley) == []


def test_no_two_co_ops_bear_names_that_are_read_alike(valley):
    proposals.admit(valley, "flo", "Café Zoé", 0)
    proposals.admit(valley, "flo", "Hill Farm", 0)
    assert code(proposals.admit, valley, "gil", "CAFE ZOE", 0) == "already_waiting"
    first, second = sorted(waiting(valley))

    proposals.agree(valley, "gil", first)
    network.admit_coop(valley, "farm", 0, name="Hill farm")

    assert code(proposals.agree, valley, "gil", second) == "name_taken"
    assert code(proposals.admit, valley, "flo", "cafe zoé", 0) == "name_taken"
    assert code(proposals.admit, valley, "flo", "Café\u200d Zoé", 0) == "name_taken"
    assert coop(valley, "hill-farm") is None


@pytest.mark.parametrize("nobody", ["flo", "eve", "ana"])
def test_neither_the_proposer_nor_one_who_is_no_facilitator_can_agree(valley, nobody):
    proposals.change_line(valley, "flo", "mill", 1)
    (one,) = waiting(valley)

    assert code(proposals.agree, valley, nobody, one) in ("second_person", "unknown_proposal")
    assert coop(valley, "mill").line_minor == cast.CREDIT_LINE_MINOR


def test_a_credit_line_is_changed_by_two_and_the_books_know_since_when(valley):
    proposals.change_line(valley, "flo", "mill", 1)
    proposals.agree(valley, "gil", *waiting(valley))

    assert coop(valley, "mill").line_minor == 1


def test_a_co_op_leaves_and_comes_back_by_two(valley):
    proposals.let_go(valley, "gil", "clinic")
    proposals.agree(valley, "flo", *waiting(valley))
    assert coop(valley, "clinic").status == "left"

    proposals.admit_again(valley, "flo", "clinic", 700)
    proposals.agree(valley, "gil", *waiting(valley))

    assert (coop(valley, "clinic").status, coop(valley, "clinic").line_minor) == ("active", 700)


def test_the_same_waits_once_and_is_decided_once(valley):
    proposals.let_go(valley, "flo", "clinic")
    assert code(proposals.let_go, valley, "gil", "clinic") == "already_waiting"
    (one,) = waiting(valley)

    proposals.drop(valley, "gil", one)

    assert code(proposals.agree, valley, "gil", one) == "already_decided"
    assert coop(valley, "clinic").status == "active"


def test_who_agrees_twice_is_answered_as_the_first_time_and_does_not_decline_it_after_that(valley):
    proposals.change_line(valley, "flo", "clinic", 700)
    (one,) = waiting(valley)

    first, again = proposals.agree(valley, "gil", one), proposals.agree(valley, "gil", one)

    assert (first, again) == (proposals.Outcome(True), proposals.Outcome(True, replayed=True))
    assert code(proposals.drop, valley, "gil", one) == "already_decided"


@pytest.mark.parametrize("who", ["flo", "gil"])
def test_who_takes_back_or_declines_twice_is_told_no_more_than_the_first_time(valley, who):
    proposals.let_go(valley, "flo", "clinic")
    (one,) = waiting(valley)

    for _press in range(2):
        proposals.drop(valley, who, one)

    (other,) = {"flo", "gil"} - {who}
    assert code(proposals.drop, valley, other, one) == "already_decided"


def test_what_has_become_impossible_is_refused_and_goes_on_waiting(valley):
    proposals.change_line(valley, "flo", "clinic", 1)
    (line,) = waiting(valley)
    assert not rests(valley, line)
    proposals.suspend(valley, "flo", "clinic", "Its books are open.")
    proposals.agree(valley, "gil", max(waiting(valley)))

    assert code(proposals.agree, valley, "gil", line) == "account_not_open"
    assert waiting(valley) == [line]
    assert rests(valley, line)


def test_one_facilitator_alone_admits_nobody_but_may_invite_a_second(kit):
    cast.build(kit)

    assert code(proposals.admit, kit, "flo", "Farm", 1) == "second_person"
    invited = proposals.add_facilitator(kit, "flo", "Gil Faro")
    assert invited.done
    assert invited.token


def test_while_one_of_two_facilitators_rests_the_other_makes_no_facilitator_alone(valley, clock):
    rest(valley, "gil")

    assert not proposals.add_facilitator(valley, "flo", "Hal").done
    (one,) = waiting(valley)
    with reading(valley.engine) as connection:
        found = rows.find(connection, one)
        assert second_persons.may_agree(connection, found, clock()) == {}
        assert second_persons.agree_later(connection, found, clock()) == {"gil": "Gil Faro"}
    assert code(proposals.agree, valley, "gil", one) == "unknown_proposal"

    clock.advance(days=DAYS)
    assert proposals.agree(valley, "gil", one).token


def test_who_alone_serves_gives_no_role_alone_while_the_other_steward_rests(kit, clock):
    cast.build(kit)
    assert proposals.give_role(kit, "flo", "mill", "dee", "steward").done
    # On the first day a co-op's first steward is still to begin, and keeps nobody waiting.
    assert proposals.give_role(kit, "flo", "mill", "ana", "cashier").done
    clock.advance(days=1)
    rest(kit, "dee")

    assert not proposals.give_role(kit, "flo", "mill", "ana", "steward").done
    clock.advance(days=DAYS)

    assert proposals.agree(kit, "dee", *waiting(kit)).done


def test_what_takes_two_is_not_begun_while_the_second_rests(valley):
    rest(valley, "gil")

    assert code(proposals.change_line, valley, "flo", "mill", 1) == "second_person"


def test_a_facilitator_is_invited_by_two(valley):
    assert not proposals.add_facilitator(valley, "flo", "Hal").done

    assert proposals.agree(valley, "gil", *waiting(valley)).token


def test_a_new_steward_waits_a_day_and_a_cashier_begins_at_once(valley, clock):
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.agree(valley, "ivo", *waiting(valley))
    assert ("steward", "bakery") not in roles_of(valley, "ben")
    clock.advance(hours=23, minutes=59)
    assert ("steward", "bakery") not in roles_of(valley, "ben")
    clock.advance(minutes=1)
    assert ("steward", "bakery") in roles_of(valley, "ben")

    proposals.give_role(valley, "eve", "bakery", "ivo", "cashier")
    assert code(proposals.agree, valley, "ivo", *waiting(valley)) == "second_person"
    proposals.agree(valley, "ben", *waiting(valley))
    assert ("cashier", "bakery") in roles_of(valley, "ivo")


def test_a_steward_who_still_waits_decides_nothing(valley, clock):
    members.join(valley, "bakery", "kim", name="Kim Lee")
    proposals.give_role(valley, "eve", "bakery", "kim", "steward")
    proposals.agree(valley, "ivo", *waiting(valley))
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    clock.advance(1)

    assert code(proposals.agree, valley, "kim", *waiting(valley)) == "unknown_proposal"


def test_only_a_worker_of_the_co_op_serves_it(valley):
    assert code(proposals.give_role, valley, "eve", "bakery", "ana", "cashier") == "unknown_member"
    assert code(proposals.give_role, valley, "eve", "mill", "ana", "cashier") == "not_allowed"
    assert code(proposals.give_role, valley, "eve", "bakery", "ben", "facilitator") == "bad_form"


def test_a_role_ends_by_two(valley):
    proposals.end_role(valley, "ivo", "bakery", "ben", "cashier")
    proposals.agree(valley, "eve", *waiting(valley))

    assert roles_of(valley, "ben") == ()


def test_nobody_ends_a_role_alone_and_one_of_each_names_a_steward_all_the_same(kit):
    cast.build(kit)

    assert code(proposals.end_role, kit, "flo", "bakery", "eve", "steward") == "second_person"
    assert roles_of(kit, "eve") == (("steward", "bakery"),)
    # A co-op without a steward gets its first by the only facilitator, one that has one another by both.
    assert proposals.give_role(kit, "flo", "mill", "dee", "steward").done
    assert not proposals.give_role(kit, "flo", "bakery", "ben", "steward").done
    assert proposals.agree(kit, "eve", *waiting(kit)).done
    # Who serves no longer wants to; the facilitator agrees.
    assert not proposals.end_role(kit, "eve", "bakery", "eve", "steward").done
    assert proposals.agree(kit, "flo", *waiting(kit)).done


def test_whoever_leaves_a_co_op_serves_it_no_more_and_keeps_their_wallet(valley):
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.agree(valley, "ivo", *waiting(valley))
    with reading(valley.engine) as connection:
        before = people.holder(connection, "ben")
    proposals.end_work(valley, "eve", "bakery", "ben")
    assert roles_of(valley, "ben") == (("cashier", "bakery"),), "nothing ends before a second person agrees"
    proposals.agree(valley, "ivo", *waiting(valley))
    valley.clock.advance(days=2)

    assert roles_of(valley, "ben") == (), "nor does a role begin that was still to come"
    with reading(valley.engine) as connection:
        assert not ownset.works_at(connection, before.id, coops.known(connection, "bakery").id)
        assert people.holder(connection, "ben") == before
        (told,) = notices.last(connection, before.id, notices.MONEY)
    assert (told.kind, told.about) == ("left_work", coop(valley, "bakery").name)
    assert code(proposals.end_work, valley, "eve", "bakery", "ben") == "unknown_member"
    with pytest.raises(Refusal, match="unknown_till"):
        payments.open_bill(valley, "bakery-1", "ben", amount_minor=100, key="after")


def test_nobody_ends_somebodys_work_alone_nor_anywhere_else(valley):
    assert code(proposals.end_work, valley, "eve", "mill", "ana") == "not_allowed"
    assert code(proposals.end_work, valley, "eve", "bakery", "nobody") == "unknown_member"
    proposals.end_work(valley, "ivo", "bakery", "eve")
    for who in ("ivo", "eve"):
        assert code(proposals.agree, valley, who, *waiting(valley)) == "second_person"


def test_a_co_op_lets_its_members_go_also_when_it_has_left(valley):
    network.coop_leaves(valley, "bakery")
    proposals.end_work(valley, "flo", "bakery", "ben")
    proposals.agree(valley, "gil", *waiting(valley))

    with reading(valley.engine) as connection:
        assert "ben" not in [each.handle for each in office.workers(connection, "bakery")]


def test_a_first_steward_is_invited_by_the_facilitators(valley):
    proposals.invite_to_serve(valley, "flo", "clinic", "Nia Roth", "steward")

    assert proposals.agree(valley, "gil", *waiting(valley)).token
    with reading(valley.engine) as connection:
        (one,) = office.invited(connection, "clinic", valley.clock())
    assert (one.name, one.roles) == ("Nia Roth", "steward")
    assert one.expires_at == valley.clock() + timedelta(days=7)


def test_who_a_proposal_is_about_does_not_decline_it_and_another_does(valley):
    proposals.end_role(valley, "ivo", "bakery", "eve", "steward")
    (one,) = waiting(valley)

    assert code(proposals.drop, valley, "eve", one) == "second_person"
    assert waiting(valley) == [one]
    proposals.drop(valley, "flo", one)
    assert waiting(valley) == []


def test_who_proposed_something_about_themselves_takes_it_back(valley):
    proposals.end_role(valley, "eve", "bakery", "eve", "steward")

    proposals.drop(valley, "eve", *waiting(valley))

    assert waiting(valley) == []


def suspend(kit):
    """Let two suspend the bakery."""
    proposals.suspend(kit, "flo", "bakery", "Its books are open.")
    proposals.agree(kit, "gil", max(waiting(kit)))


def rests(kit, number):
    with reading(kit.engine) as connection:
        return rows.find(connection, number).rests


def test_nobody_is_invited_to_a_co_op_that_is_suspended_meanwhile_and_it_goes_on_waiting(valley):
    proposals.invite_to_serve(valley, "eve", "bakery", "Nia Roth", "steward")
    (one,) = waiting(valley)
    assert not rests(valley, one)

    suspend(valley)

    assert code(proposals.agree, valley, "ivo", one) == "account_not_open"
    assert waiting(valley) == [one]
    assert rests(valley, one)


def test_who_serves_a_co_op_changes_while_it_is_suspended(valley):
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.end_role(valley, "eve", "bakery", "ben", "cashier")
    proposals.end_work(valley, "eve", "bakery", "ben")
    found = waiting(valley)

    suspend(valley)

    assert not any(rests(valley, one) for one in found)
    assert proposals.agree(valley, "ivo", min(found)).done


def test_what_waits_at_a_co_op_ends_when_it_leaves_but_who_leaves_it_does_so(valley):
    proposals.invite_to_serve(valley, "eve", "bakery", "Nia Roth", "steward")
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.change_line(valley, "flo", "bakery", 500_00)
    proposals.change_line(valley, "flo", "mill", 500_00)
    line = max(waiting(valley))
    proposals.end_work(valley, "eve", "bakery", "ben")
    ended = max(waiting(valley))

    network.coop_leaves(valley, "bakery")

    assert waiting(valley) == [ended, line]
    assert not rests(valley, ended)
    assert proposals.agree(valley, "ivo", ended).done
    network.admit_coop(valley, "bakery", 100_00)
    assert waiting(valley) == [line], "nor does it come alive again"


def test_a_way_back_that_waited_at_a_co_op_which_left_keeps_no_other_from_helping(valley):
    proposals.recover(valley, "eve", "bakery", "cy")
    network.coop_leaves(valley, "bakery")
    members.grant(valley, "dee", "steward", "mill")

    proposals.recover(valley, "dee", "mill", "cy")

    assert proposals.agree(valley, "flo", *waiting(valley)).token


def test_what_waits_about_somebody_at_a_co_op_ends_when_they_leave_it_but_a_way_back(valley):
    members.join(valley, "mill", "ben")
    members.grant(valley, "dee", "steward", "mill")
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    proposals.end_role(valley, "eve", "bakery", "ben", "cashier")
    proposals.end_work(valley, "eve", "bakery", "ben")
    left, *_others = waiting(valley)
    proposals.recover(valley, "eve", "bakery", "ben")
    # Ben is what somebody is called who is still to come, too.
    proposals.invite_to_serve(valley, "eve", "bakery", "ben", "cashier")
    proposals.give_role(valley, "dee", "mill", "ben", "cashier")
    at_mill, invited, back = (number for number in waiting(valley) if number > left)

    proposals.agree(valley, "ivo", left)

    assert waiting(valley) == [at_mill, invited, back]
    with reading(valley.engine) as connection:
        ivo = people.holder(connection, "ivo")
        asked = notices.last(connection, ivo.id, notices.MONEY)
    open_still = {one.link for one in asked if not one.is_over(valley.clock())}
    assert open_still == {rows.page(invited), rows.page(back)}


def test_who_is_let_go_by_the_server_waits_for_nobody_s_yes_to_that(valley):
    members.grant(valley, "ana", "facilitator")
    proposals.end_facilitator(valley, "flo", "gil")

    members.end_facilitator(valley, "gil")

    assert waiting(valley) == []


def test_a_facilitator_is_let_go_by_two_others_and_asked_for_nothing_more(valley, clock):
    members.grant(valley, "dee", "facilitator")
    proposals.change_line(valley, "flo", "mill", 1)
    proposals.end_facilitator(valley, "flo", "gil")
    number = max(waiting(valley))
    assert code(proposals.agree, valley, "gil", number) == "second_person"
    assert code(proposals.drop, valley, "gil", number) == "second_person"

    proposals.agree(valley, "dee", number)

    assert roles_of(valley, "gil") == ()
    with reading(valley.engine) as connection:
        told = notices.last(connection, people.holder(connection, "gil").id, notices.MONEY)
    assert [(one.kind, one.is_over(clock())) for one in told] == [("second", True)]
    assert code(proposals.end_facilitator, valley, "flo", "gil") == "unknown_member"


def test_who_facilitates_stops_when_another_agrees_and_the_last_one_never(valley):
    proposals.end_facilitator(valley, "gil", "gil")
    assert code(proposals.agree, valley, "gil", *waiting(valley)) == "second_person"
    proposals.agree(valley, "flo", *waiting(valley))

    assert roles_of(valley, "gil") == ()
    assert code(proposals.end_facilitator, valley, "flo", "flo") == "not_allowed"
    assert code(members.end_facilitator, valley, "flo") == "not_allowed"
    assert roles_of(valley, "flo") == (("facilitator", None),)


def test_of_two_facilitators_neither_ends_the_other_on_the_web_and_who_runs_the_server_does(valley):
    assert code(proposals.end_facilitator, valley, "flo", "gil") == "second_person"
    assert code(members.end_facilitator, valley, "ana") == "unknown_member"

    members.end_facilitator(valley, "gil")

    assert roles_of(valley, "gil") == ()
    assert proposals.add_facilitator(valley, "flo", "Hal").done


def test_of_two_facilitators_who_both_stop_at_once_one_stays(valley):
    proposals.end_facilitator(valley, "flo", "flo")
    proposals.end_facilitator(valley, "gil", "gil")
    of_gil, of_flo = waiting(valley)
    together = Barrier(2)

    def agrees(who, number):
        together.wait()
        try:
            return proposals.agree(valley, who, number).done
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(agrees, ["flo", "gil"], [of_gil, of_flo]))

    assert answers.count(True) == 1
    with reading(valley.engine) as connection:
        assert len(office.facilitators(connection)) == 1


def test_of_many_who_agree_at_once_one_carries_it_out(valley):
    proposals.give_role(valley, "eve", "bakery", "ben", "steward")
    (one,) = waiting(valley)
    together = Barrier(4)

    def agrees(who):
        together.wait()
        try:
            return proposals.agree(valley, who, one).done
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(agrees, ["ivo", "flo", "gil", "ivo"]))

    # Ivo pressed twice: where he was first, both are answered alike.
    done = answers.count(True)
    assert done == (2 if answers[0] is answers[3] is True else 1)
    assert answers.count("already_decided") == 4 - done
    with valley.engine.connect() as connection:
        held = connection.execute(sa.select(roles.c.id).where(roles.c.role == "steward")).all()
    assert len(held) == 3


@pytest.mark.parametrize("role", ["facilitator", "owner", "steward cashier", ""])
def test_nobody_is_invited_to_serve_as_anything_but_cashier_or_steward(valley, role):
    assert code(proposals.invite_to_serve, valley, "eve", "bakery", "Nia Roth", role) == "bad_form"
