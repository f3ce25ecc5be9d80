"""The command that lists the facilitators, and lets one go where nobody on the web could agree."""

import pytest

from tests import cast
from wallet.factory import create_app
from wallet.store import office_view
from wallet.store.engine import reading


@pytest.fixture
def valley(kit):
    return cast.build_in_pairs(kit)


@pytest.fixture
def run(valley):
    app = create_app(valley.settings, engine=valley.engine, clock=valley.clock)
    return lambda *arguments: app.test_cli_runner().invoke(args=["facilitators", *arguments])


def facilitators(kit):
    with reading(kit.engine) as connection:
        return [one.id for one in office_view.facilitators(connection)]


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
