"""Founding the federation from the command line."""

import os
import re
import signal

import pytest
import sqlalchemy as sa

from wallet.cli import init
from wallet.errors import Refusal, refuse
from wallet.factory import create_app
from wallet.services import invitations, members, network
from wallet.store import federation
from wallet.store.engine import reading
from wallet.store.tables import passkeys, people
from wallet.store.views import office

NAMED = ("--name", "Valley", "--zone", "Europe/Lisbon")


@pytest.fixture
def run(kit):
    app = create_app(kit.settings, engine=kit.engine, clock=kit.clock)
    return lambda *arguments, typed=None: app.test_cli_runner().invoke(args=["init", *arguments], input=typed)


def zone_of(kit):
    with reading(kit.engine) as connection:
        return federation.founded_zone(connection)


def invited(kit, output):
    (token,) = re.findall(r"/join/([\w-]+)", output)
    return invitations.look_up(kit, token)


def give_passkey(kit, handle):
    """Let somebody have joined: by a passkey alone does anybody come in."""
    members.accept_customer(kit, handle)
    row = {"credential_id": handle, "user_handle": handle, "public_key": b"", "sign_count": 0, "transports": ""}
    row |= {"backup_eligible": False, "backed_up": False, "name": "", "created_at": kit.clock()}
    with kit.engine.begin() as connection:
        owner = sa.select(people.c.id).where(people.c.handle == handle).scalar_subquery()
        connection.execute(sa.insert(passkeys).values(person_id=owner, **row))


def test_a_federation_is_founded_once(kit, run):
    first = run(*NAMED)
    again = run("--name", "Hill", "--zone", "UTC")

    assert (first.exit_code, again.exit_code) == (0, 1)
    assert "already" in again.output
    assert zone_of(kit) == "Europe/Lisbon"


def test_a_zone_is_named_as_it_is_kept(kit, run):
    founded = run("--name", "Valley", "--zone", "CET")

    assert "midnight in Europe/Brussels" in founded.output
    assert zone_of(kit) == "Europe/Brussels"


def test_an_unknown_zone_founds_nothing(kit, run):
    refused = run("--name", "Valley", "--zone", "Europe/Atlantis")

    assert refused.exit_code == 1
    assert "bad_form" in refused.output
    assert zone_of(kit) is None


@pytest.mark.parametrize(
    "wrong", [("--cash", "RES"), ("--cash", "euro"), ("--charter", "1 March"), ("--coop", "=1"), ("--name", " \u202e ")]
)
def test_a_wrong_answer_founds_nothing(kit, run, wrong):
    assert run(*NAMED, *wrong).exit_code == 1
    assert zone_of(kit) is None


@pytest.mark.parametrize(
    ("option", "typed", "code"),
    [
        ("--name", "=1", "bad_form"), ("--zone", "Europe/Atlantis", "bad_form"), ("--cash", "euro", "bad_form"),
        ("--charter", "1 March", "bad_form"), ("--charter", "0226-03-01", "bad_form"),
        ("--charter", "9990-03-01", "bad_form"), ("--charter", "2026-03-03", "bad_form"),
        ("--coop", " \u202e ", "bad_form"), ("--credit-line", "5.000", "bad_amount"), ("--facilitator", "", "bad_form"),
    ],
)  # fmt: skip
def test_of_seven_answers_the_wrong_one_is_named(kit, run, option, typed, code):
    refused = run(*NAMED, "--coop", "Weir Mill", option, typed)

    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert refused.output.startswith(f"Error: {option} {typed!r} does not do. ")
    assert refused.output.endswith(f"({code})\n")
    assert zone_of(kit) is None


def test_who_types_one_answer_wrongly_is_asked_for_that_one_once_more(kit, run, monkeypatch):
    monkeypatch.setattr(init, "is_somebody_there", lambda: True)
    answers = [
        "Alder Valley",
        "Berlin",
        "Europe/Berlin",
        "euro",
        "eur",
        "1 March",
        "2026-03-01",
        "Weir Mill",
        "x",
        "5000",
        "Joy",
    ]

    founded = run(typed="\n".join(answers) + "\n")

    assert founded.exit_code == 0, founded.output
    assert founded.output.count("does not do") == 4
    assert zone_of(kit) == "Europe/Berlin"


def test_the_charter_is_of_no_day_that_is_to_come_where_the_federation_is(kit, run, monkeypatch):
    monkeypatch.setattr(init, "is_somebody_there", lambda: True)
    answers = ["Valley", "Europe/Lisbon", "EUR", "2026-03-03", "2026-03-02", "", "Joy"]

    founded = run(typed="\n".join(answers) + "\n")

    assert (founded.exit_code, founded.output.count("does not do")) == (0, 1), founded.output
    with reading(kit.engine) as connection:
        assert federation.find(connection).charter_on == "2026-03-02"


def test_the_charter_may_be_of_today_where_the_day_has_begun(run):
    assert run("--name", "Valley", "--zone", "Pacific/Auckland", "--charter", "2026-03-03").exit_code == 0


@pytest.mark.parametrize("line", ["abc", "5000.00"])
@pytest.mark.parametrize("coop", [(), ("--coop", "")])
def test_a_credit_line_without_a_co_op_founds_nothing(kit, run, line, coop):
    refused = run(*NAMED, *coop, "--credit-line", line)

    assert refused.exit_code == 2
    assert "--credit-line is of the first co-op: name it with --coop." in refused.output
    assert zone_of(kit) is None


def test_without_a_name_and_without_anybody_to_ask_it_says_what_is_missing(kit, run):
    refused = run("--zone", "UTC")

    assert refused.exit_code == 2
    assert "--name" in refused.output
    assert zone_of(kit) is None


def test_everything_is_asked_for_when_somebody_is_there(kit, run, monkeypatch):
    monkeypatch.setattr(init, "is_somebody_there", lambda: True)
    answers = ["Alder Valley", "Europe/Berlin", "eur", "2026-03-01", "Weir Mill", "5000", "Joy Abara"]

    founded = run(typed="\n".join(answers) + "\n")

    assert founded.exit_code == 0, founded.output
    with reading(kit.engine) as connection:
        row = federation.find(connection)
        (mill,) = office.all_coops(connection)
    assert (row.name, row.zone, row.cash, row.charter_on) == ("Alder Valley", "Europe/Berlin", "EUR", "2026-03-01")
    assert (mill.slug, mill.name, mill.line_minor) == ("weir-mill", "Weir Mill", 500_000)


def test_the_one_link_is_for_the_first_facilitator_who_opens_the_first_office(kit, run):
    founded = run(*NAMED, "--coop", "Weir Mill", "--facilitator", "Joy Abara")
    invitation = invited(kit, founded.output)

    assert (invitation.kind, invitation.name, invitation.is_open) == ("facilitator", "Joy Abara", True)
    assert (invitation.coop, invitation.roles) == ("weir-mill", ("steward",))


def test_nothing_of_the_demo_is_in_it(kit, run):
    run(*NAMED)

    with reading(kit.engine) as connection:
        assert connection.execute(sa.select(people)).all() == []
        assert office.all_coops(connection) == []


def test_a_lost_link_is_replaced_until_somebody_has_joined(kit, run, clock):
    first = run(*NAMED, "--facilitator", "Joy Abara")
    (old,) = re.findall(r"/join/([\w-]+)", first.output)
    clock.advance(days=8)
    again = run("--new-link")

    assert again.exit_code == 0
    assert invited(kit, again.output).is_open
    with pytest.raises(Refusal, match="unknown_invitation"):
        invitations.look_up(kit, old)
    give_passkey(kit, "joy")
    assert run("--new-link").exit_code == 1


def test_who_comes_into_a_history_first_is_invited_by_a_link(kit, run):
    network.found_federation(kit, "Valley")
    members.accept_customer(kit, "cy")
    refused = run(*NAMED)
    first = run("--new-link", "--facilitator", "Joy Abara")
    again = run("--new-link")

    assert refused.exit_code == 1
    assert "--new-link" in refused.output
    assert (first.exit_code, again.exit_code) == (0, 0)
    invitation = invited(kit, again.output)
    assert (invitation.kind, invitation.name, invitation.is_open) == ("facilitator", "Joy Abara", True)
    with pytest.raises(Refusal, match="unknown_invitation"):
        invited(kit, first.output)
    give_passkey(kit, "joy")
    assert run("--new-link").exit_code == 1


def called(kit):
    with reading(kit.engine) as connection:
        row = federation.find(connection)
    return row.name, row.cash


def test_a_federation_that_a_history_founded_gets_its_name_and_cash_until_somebody_has_joined(kit, run):
    network.found_for_history(kit, "RES", "UTC", "2026-03-01")
    assert called(kit) == ("RES", "USD")

    assert run("--new-link", "--name", "Alder Valley").exit_code == 0
    assert called(kit) == ("Alder Valley", "USD")
    assert invited(kit, run("--new-link", "--cash", "eur").output).is_open
    assert called(kit) == ("Alder Valley", "EUR")
    give_passkey(kit, "joy")
    assert run("--new-link", "--name", "Hill", "--cash", "CHF").exit_code == 1
    assert called(kit) == ("Alder Valley", "EUR")


@pytest.mark.parametrize(
    "wrong", [("--cash", "euro"), ("--name", ""), ("--facilitator", ""), ("--zone", "UTC"), ("--coop", "Weir Mill")]
)
def test_a_new_link_changes_nothing_with_an_answer_that_it_cannot_take(kit, run, wrong):
    founded = run(*NAMED)

    refused = run("--new-link", "--name", "Hill", *wrong)

    assert refused.exit_code in (1, 2)
    assert wrong[0] in refused.output
    assert called(kit) == ("Valley", "USD")
    assert invited(kit, founded.output).is_open


def test_a_new_link_is_for_who_is_invited_already_and_for_nobody_else(kit, run):
    founded = run(*NAMED, "--facilitator", "Joy Abara")

    refused = run("--new-link", "--name", "Hill", "--cash", "EUR", "--facilitator", "Ben Orr")

    assert refused.exit_code == 1
    assert refused.output.startswith("Error: No link was made: Joy Abara is invited already.")
    assert called(kit) == ("Valley", "USD")
    assert invited(kit, founded.output).is_open
    again = run("--new-link", "--facilitator", " Joy  Abara ")
    assert (again.exit_code, invited(kit, again.output).name) == (0, "Joy Abara")


def test_a_federation_whose_founding_was_cut_off_gets_its_link(kit, run, monkeypatch):
    monkeypatch.setattr(invitations, "invite", lambda *_given: os.kill(os.getpid(), signal.SIGINT))
    cut_off = run(*NAMED)
    monkeypatch.undo()
    again = run("--new-link")

    assert (cut_off.exit_code, again.exit_code) == (2, 0)
    assert invited(kit, again.output).kind == "facilitator"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sa.exc.OperationalError("UPDATE", {}, Exception("the disk is full")), "the disk is full"),
        (refuse("busy"), "Send the same again in a moment"),
    ],
)
def test_where_no_link_can_be_kept_it_is_said_in_a_sentence(run, monkeypatch, error, said):
    def fails(*_given, **_named):
        raise error

    run(*NAMED)
    monkeypatch.setattr(invitations, "invite_first_again", fails)
    told = run("--new-link")

    assert told.exit_code == 1
    assert told.output.startswith("Error: No link was made: ")
    assert said in told.output


def test_without_a_federation_there_is_no_link_to_replace(run):
    assert run("--new-link").exit_code == 1
