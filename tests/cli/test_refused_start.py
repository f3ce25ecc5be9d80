"""A server that is not safe to start ends with its sentence, and has written nothing."""

import os
import subprocess
import sys

import pytest

from tests.imports import ROOT
from tests.serving import START_SECONDS, free_port
from wallet.kit import Kit
from wallet.services import demo, invitations, network
from wallet.services.invitations import Offer

# Of which kind the database is plays no part in what is refused.
pytestmark = pytest.mark.only_on("sqlite")

UNSAFE = {
    "WALLET_DEMO": {"WALLET_DEMO": "1", "WALLET_ORIGIN": "https://wallet.example"},
    "SECRET_KEY": {"WALLET_DEMO": "", "SECRET_KEY": "change me" * 5},
    "WEB_THREADS": {"WALLET_DEMO": "1", "WEB_THREADS": "0"},
    "WALLET_TRUSTED_PROXIES": {"WALLET_DEMO": "1", "WALLET_TRUSTED_PROXIES": "router"},
}


OURS = ("gunicorn", "--log-level", "warning", "app:app")


def started(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Start a server that ends at once, ours unless a `command` says otherwise; give what it said."""
    return subprocess.run(
        [sys.executable, "-m", *(command or OURS)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_SECONDS, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("named", UNSAFE)
def test_an_unsafe_server_ends_with_its_sentence_before_it_touches_the_database(kit: Kit, named: str) -> None:
    environment = os.environ | {"DATABASE_URL": kit.settings.database_url, "PORT": str(free_port())} | UNSAFE[named]

    ended = started(environment)

    assert ended.returncode == 1
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr
    assert demo.is_empty(kit)


@pytest.mark.parametrize(
    ("command", "status", "traced"),
    [
        (OURS, 1, False),
        (("gunicorn", "-c", "/dev/null", "-b", "127.0.0.1:0", "app:app"), 3, True),
        (("flask", "--app", "app", "run"), 2, False),
        # As `make run` begins.
        (("flask", "--app", "app", "demo", "--if-empty"), 1, False),
    ],
    ids=["our gunicorn", "a gunicorn of one's own", "flask run", "flask demo"],
)
def test_a_federation_of_real_people_is_never_served_as_a_demo_whichever_door_is_taken(
    kit: Kit, command: tuple[str, ...], status: int, *, traced: bool
) -> None:
    network.found_federation(kit, "Valley")
    invitations.invite(kit, Offer("facilitator", handle="joy", name="Joy Abara"))
    environment = os.environ | {"DATABASE_URL": kit.settings.database_url, "WALLET_DEMO": "1", "PORT": str(free_port())}

    ended = started(environment, *command)

    told = ("Unset WALLET_DEMO" in ended.stderr, "Traceback" in ended.stderr)
    assert (ended.returncode, *told) == (status, True, traced), ended.stderr


@pytest.mark.parametrize(
    "url", ["paper://here", "sqlite:////proc/nowhere/wallet.sqlite3", "postgres://me@localhost:1/x"]
)
def test_a_demo_whose_database_cannot_be_used_ends_with_one_sentence(url: str) -> None:
    environment = os.environ | {"WALLET_DEMO": "1", "DATABASE_URL": url, "PORT": str(free_port())}

    ended = started(environment)

    assert (ended.returncode, ended.stderr.count("DATABASE_URL: "), "Traceback" in ended.stderr) == (1, 1, False)
    assert len([line for line in ended.stderr.splitlines() if line]) == 1, ended.stderr


@pytest.mark.parametrize("url", ["paper://here", "sqlite://"])
def test_a_server_whose_database_is_of_no_kind_ends_with_one_sentence(url: str) -> None:
    secret = "kq7Vd0mXJw4sTzB1nRfYc8LhGpUeA2xE"
    environment = os.environ | {"WALLET_DEMO": "", "SECRET_KEY": secret, "DATABASE_URL": url, "PORT": str(free_port())}

    ended = started(environment)

    assert (ended.returncode, ended.stderr.count("DATABASE_URL: "), "Traceback" in ended.stderr) == (1, 1, False)
