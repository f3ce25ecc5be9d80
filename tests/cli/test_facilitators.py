"""The command that lists the facilitators, and invites one or lets one go where nobody on the web could agree."""

import re

import pytest

from tests import cast
from wallet.domain.secret import digest_of
from wallet.factory import create_app
from wallet.services import acceptance, invitations
from wallet.store.engine import reading
from wallet.store.views import office


@pytest.fixture
def valley(kit):
    return cast.build_in_pairs(kit)


@pytest.fixture
def run(valley):
    app = create_app(valley.settings, engine=valley.engine, clock=valley.clock)
    return lambda *arguments: app.test_cli_runner().invoke(args=["facilitators", *arguments])


def facilitators(kit):
    with reading(kit.engine) as connection:
        return [one.id for one in office.facilitators(connection)]


def test_who_facilitates_is_listed(run):
    told = run()

    assert (told.exit_code, told.output) == (0, "gil: Gil Faro\nflo: flo\n")


def test_a_facilitator_who_is_gone_is_let_go(valley, run):
    told = run("--end", "gil")

    assert (told.exit_code, told.output) == (0, "gil facilitates no more.\nflo: flo\n")
    assert facilitators(valley) == ["flo"]


def test_the_last_facilitator_stays(valley, run):
    run("--end", "gil")
    last = run("--end", "flo")

    assert last.exit_code == 1
    assert "not_allowed" in last.output
    assert facilitators(valley) == ["flo"]


def test_who_does_not_facilitate_is_named(valley, run):
    told = run("--end", "ana")

    assert told.exit_code == 1
    assert "ana does not facilitate" in told.output
    assert facilitators(valley) == ["gil", "flo"]


def test_where_the_only_facilitator_is_gone_another_is_invited_by_one_link(valley, run):
    run("--end", "gil")

    told = run("--invite", "Hal  Orr")

    assert told.exit_code == 0
    (token,) = re.findall(r"/join/([\w-]+)", told.output)
    assert told.output.startswith("For Hal Orr, who then facilitates, once and within seven days:\n")
    assert told.output.endswith("\nflo: flo\n")
    invitation = invitations.look_up(valley, token)
    assert (invitation.kind, invitation.name, invitation.is_open) == ("facilitator", "Hal Orr", True)
    acceptance.accept(valley, "ana", digest_of(token))
    assert facilitators(valley) == ["ana", "flo"]
    assert run("--end", "flo").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--invite", "(Hal)"), 1, "--invite '(Hal)' does not do"),
        (("--invite", "Hal", "--end", "gil"), 2, "one at a time"),
    ],
)
def test_what_cannot_be_done_invites_nobody_and_lets_nobody_go(valley, run, arguments, status, said):
    told = run(*arguments)

    assert told.exit_code == status
    assert said in told.output
    assert facilitators(valley) == ["gil", "flo"]
    with reading(valley.engine) as connection:
        assert office.invited_to_serve(connection, valley.clock()) == []


def test_without_a_federation_nobody_is_invited_to_it(kit):
    app = create_app(kit.settings, engine=kit.engine, clock=kit.clock)

    told = app.test_cli_runner().invoke(args=["facilitators", "--invite", "Hal Orr"])

    assert told.exit_code == 1
    assert "There is no federation yet" in told.output


def test_a_lost_first_link_is_replaced_beside_one_of_the_server(valley, run):
    app = create_app(valley.settings, engine=valley.engine, clock=valley.clock)
    again = [app.test_cli_runner().invoke(args=["init", "--new-link"]) for _ in range(2)]
    (other,) = re.findall(r"/join/([\w-]+)", run("--invite", "Hal Orr").output)

    last = app.test_cli_runner().invoke(args=["init", "--new-link"])

    assert [told.exit_code for told in (*again, last)] == [0, 0, 0], last.output
    assert invitations.look_up(valley, other).is_open
