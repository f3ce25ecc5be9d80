"""After a restore: what was taken away since the backup does not come back, and what had to wait goes on."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.postgres import found_programs
from tests.web.conftest import JSON
from tests.web.disputes import charged, disputed, with_mia
from tests.web.doors import code_of, invited, join
from tests.web.page import Page
from tests.web.test_codes import Browser, Handset, scan
from tests.web.test_disputes_halted import stop
from tests.web.test_tablet import shown
from tests.web.test_ways_back import agreed, all_that_wait
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import proposals

Run = Callable[..., Result]
SECURITY = "/you/security"


@pytest.fixture
def run(federation: Kit, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the small federation, which finds PostgreSQL's own programs."""
    monkeypatch.setenv("PATH", f"{found_programs()}{os.pathsep}{os.environ['PATH']}")
    app = create_app(federation.settings, engine=federation.engine, clock=federation.clock)
    return lambda *arguments: app.test_cli_runner().invoke(args=[str(each) for each in arguments])


def end_its_session(ana: FlaskClient, _lost: Handset) -> None:
    (beside,) = re.findall(r'name="session" value="(\d+)"', ana.get(SECURITY).text)
    ana.post(f"{SECURITY}/sessions/end", data={"session": beside})


def sign_out_everywhere(ana: FlaskClient, _lost: Handset) -> None:
    ana.post(f"{SECURITY}/sessions/end-all")


def remove_it(ana: FlaskClient, lost: Handset) -> None:
    ana.post(f"{SECURITY}/phones/remove", data={"device": lost.device})


@pytest.mark.parametrize("took_away", [end_its_session, sign_out_everywhere, remove_it])
def test_no_till_charges_a_lost_phone_that_was_taken_away_since_the_backup(
    run: Run, browser_of: Browser, clock: Clock, tmp_path: Path, took_away: Callable[[FlaskClient, Handset], None]
) -> None:
    ana, lost = browser_of("ana"), Handset(browser_of("ana"), clock)
    assert run("backup", tmp_path / "copy").exit_code == 0
    took_away(ana, lost)
    assert scan(browser_of("bea"), lost.token()) == (410, "code_spent")

    restored = run("restore", "--replace", tmp_path / "copy")

    assert restored.exit_code == 0, restored.output
    clock.advance(60)
    assert scan(browser_of("bea"), lost.token()) == (410, "code_spent")
    assert "sets up the phone for codes again" in restored.output


def test_no_tablet_begins_for_which_somebody_vouched_before_the_backup(
    run: Run, app: Flask, browser_of: Browser, tmp_path: Path
) -> None:
    device, bea = app.test_client(), browser_of("bea")
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303
    assert bea.post("/tills/bakery-1/tablet", json={"pairing": shown(device)}).status_code == 204
    assert run("backup", tmp_path / "copy").exit_code == 0
    bea.post(f"{SECURITY}/sessions/end-all")

    assert run("restore", "--replace", tmp_path / "copy").exit_code == 0

    assert device.post("/tablet/enter").location == "/tablet"
    assert device.get("/tills/bakery-1").status_code == 401


@pytest.mark.parametrize("when", ["agreed to", "asked"])
def test_no_way_back_that_its_owner_stopped_since_the_backup_opens_their_wallet(
    run: Run, app: Flask, federation: Kit, browser_of: Browser, clock: Clock, tmp_path: Path, when: str
) -> None:
    ana, link = browser_of("ana"), ""
    if when == "asked":
        proposals.recover(federation, "sam", "bakery", "ana")
    else:
        link = agreed(federation, "ana")
    assert run("backup", tmp_path / "copy").exit_code == 0
    assert ana.post(f"{SECURITY}/way-back/stop", json={}, headers=JSON).status_code == 204

    restored = run("restore", "--replace", tmp_path / "copy")

    assert restored.exit_code == 0, restored.output
    assert "Invitations and ways back are made anew." in restored.output
    assert [one for one in all_that_wait(federation) if one.kind == "recover"] == []
    clock.advance(days=1)
    assert not link or app.test_client().get(link).status_code == 410
    assert "It was not me" not in browser_of("ana").get(SECURITY).text


def test_no_invitation_that_was_taken_back_since_the_backup_lets_anybody_join(
    run: Run, app: Flask, federation: Kit, browser_of: Browser, tmp_path: Path
) -> None:
    link, sam = invited(federation, "worker", coop="bakery", name="Mal"), browser_of("sam")
    assert run("backup", tmp_path / "copy").exit_code == 0
    (withdraw,) = [action for action in Page(sam.get("/office/bakery/invite").text).forms if "withdraw" in action]
    sam.post(withdraw)

    assert run("restore", "--replace", tmp_path / "copy").exit_code == 0

    asked = app.test_client().post(f"{link}/challenge", json={"name": "Mal"}, headers=JSON)
    assert code_of(asked) == "invitation_spent"


def test_where_nobody_had_joined_before_the_backup_the_first_facilitator_gets_a_new_link(
    run: Run, app: Flask, federation: Kit, tmp_path: Path
) -> None:
    first = invited(federation, "facilitator", name="Joy Abara")
    assert run("backup", tmp_path / "copy").exit_code == 0
    assert run("restore", "--replace", tmp_path / "copy").exit_code == 0
    assert app.test_client().get(first).status_code == 410

    (link,) = re.findall(r"/join/[\w-]+", run("init", "--new-link").output)

    assert join(app.test_client(), link, Authenticator(), name="Joy Abara").status_code == 201


def test_what_was_disputed_while_payments_were_stopped_comes_back_with_a_restore_that_lets_them_go_on(
    run: Run, federation: Kit, browser_of: Browser, tmp_path: Path, balances: Callable[[], dict[str, int]]
) -> None:
    ana, ref = browser_of("ana"), charged(with_mia(federation))
    stop(federation)
    disputed(ana, ref, not_me=True)
    assert balances()["ana"] == 7_00
    assert run("backup", tmp_path / "copy").exit_code == 0

    restored = run("restore", "--replace", tmp_path / "copy")

    assert "Payments go on. Disputes of meanwhile that are carried now: 1." in restored.output
    assert balances()["ana"] == 10_00
