"""Founding the federation from the command line."""

import pytest

from wallet.factory import create_app
from wallet.store import federation
from wallet.store.engine import reading


@pytest.fixture
def run(kit):
    app = create_app(kit.settings, engine=kit.engine, clock=kit.clock)
    return lambda *arguments: app.test_cli_runner().invoke(args=["init", *arguments])


def zone_of(kit):
    with reading(kit.engine) as connection:
        return federation.zone(connection)


def test_a_federation_is_founded_once(kit, run):
    first = run("--name", "Valley", "--zone", "Europe/Lisbon")
    again = run("--name", "Hill", "--zone", "UTC")

    assert (first.exit_code, again.exit_code) == (0, 1)
    assert "already" in again.output
    assert zone_of(kit) == "Europe/Lisbon"


def test_an_unknown_zone_founds_nothing(kit, run):
    refused = run("--name", "Valley", "--zone", "Europe/Atlantis")

    assert refused.exit_code == 1
    assert "bad_form" in refused.output
    assert zone_of(kit) is None
