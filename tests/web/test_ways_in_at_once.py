"""Challenges, invitations, recovery codes and last passkeys when everything happens at once: each counts once."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator, but
from tests.web.conftest import JSON
from tests.web.doors import add, before_the_act, begin, code_of, invited, notices_of_all, resident, session_of, sign_in
from wallet.domain import passkey
from wallet.kit import Kit
from wallet.services import invitations, network, sessions
from wallet.store import invitations as invitation_rows
from wallet.store import passkeys, people, tables
from wallet.store.engine import reading
from wallet.store.passkeys import Passkey

pytestmark = pytest.mark.for_real_people

OWN = "/you/security"


def rush(acts: list[Callable[[], str]]) -> list[str]:
    """Do everything at once; give the answers, sorted."""
    answers: list[str] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], str]) -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_one_challenge_in_parallel_is_used_once(app: Flask, kit: Kit) -> None:
    eva, browser = resident(app, kit), app.test_client()
    proof = eva.passkey.prove(begin(browser, "/sign-in/challenge"))
    ceremony = browser.get_cookie("ceremony").value

    def act(racer: FlaskClient) -> str:
        racer.set_cookie("ceremony", ceremony, domain="localhost")
        return code_of(racer.post("/sign-in", json={"credential": proof}, headers=JSON))

    assert rush([partial(act, app.test_client()) for _ in range(8)]) == ["200"] + ["challenge_spent"] * 7


def test_one_invitation_in_parallel_lets_one_in(app: Flask, kit: Kit) -> None:
    link = invited(kit)
    people = [(app.test_client(), Authenticator()) for _ in range(6)]
    made = [(browser, passkey.make(begin(browser, f"{link}/challenge", name="Eva"))) for browser, passkey in people]

    def act(browser, credential) -> str:
        return code_of(browser.post(link, json={"name": "Eva", "credential": credential}, headers=JSON))

    answers = rush([partial(act, browser, credential) for browser, credential in made])

    assert answers == ["201"] + ["invitation_spent"] * 5
    with kit.engine.connect() as connection:
        assert list(connection.execute(sa.select(tables.people.c.handle).filter_by(name="Eva")).scalars()) == ["eva"]


def test_one_recovery_code_in_parallel_lets_one_in(app: Flask, kit: Kit) -> None:
    code = resident(app, kit).codes[0]

    def act(browser) -> str:
        return code_of(browser.post("/sign-in/recovery", json={"code": code}, headers=JSON))

    assert rush([partial(act, app.test_client()) for _ in range(6)]) == ["200"] + ["unknown_code"] * 5


def test_two_removals_in_parallel_leave_the_last_passkey(app: Flask, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    eva = resident(app, kit)
    add(eva.browser, Authenticator())
    cookie = session_of(eva.browser)
    read, meet = passkeys.of_person, threading.Barrier(2)

    def both_have_read(connection: sa.Connection, person_id: int) -> tuple[Passkey, ...]:
        found = read(connection, person_id)
        # Whom the lock keeps out comes here only when the other is done, and waits for nobody.
        with suppress(threading.BrokenBarrierError):
            meet.wait(1)
        return found

    monkeypatch.setattr(passkeys, "of_person", both_have_read)

    def act(number: int) -> str:
        browser = app.test_client()
        browser.set_cookie("wallet", cookie, domain="localhost")
        return code_of(browser.post(f"{OWN}/passkeys/remove", json={"passkey": str(number)}, headers=JSON))

    assert rush([partial(act, 1), partial(act, 2)]) == ["204", "last_passkey"]


@pytest.mark.parametrize("act", ["passkeys", "passkeys/remove", "recovery-codes"])
def test_who_is_shut_out_once_their_session_was_looked_at_changes_no_way_in(app: Flask, kit: Kit, act: str) -> None:
    eva = resident(app, kit)
    add(eva.browser, Authenticator())
    with reading(kit.engine) as connection:
        person = people.holder(connection, eva.handle).id
    asked: dict[str, dict[str, Any]] = {
        "passkeys": {"credential": Authenticator().make(begin(eva.browser, f"{OWN}/passkeys/challenge"))},
        "passkeys/remove": {"passkey": "1"},
        "recovery-codes": {},
    }

    before_the_act(app, partial(sessions.end_everywhere, kit, person))
    answer = eva.browser.post(f"{OWN}/{act}", json=asked[act], headers=JSON)

    assert code_of(answer) == "not_signed_in"
    with reading(kit.engine) as connection:
        assert len(passkeys.of_person(connection, person)) == 2
    assert code_of(app.test_client().post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON)) == "200"


def test_of_a_passkey_and_its_copy_in_parallel_the_second_is_doubted(
    app: Flask, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva = resident(app, kit)
    checked, meet = passkey.asserted, threading.Barrier(2)

    def both_have_read(*answer: Any, **more: Any) -> passkey.Asserted:
        # Whom the lock keeps out comes here only when the other's count is kept, and waits for nobody.
        with suppress(threading.BrokenBarrierError):
            meet.wait(1)
        return checked(*answer, **more)

    monkeypatch.setattr(passkey, "asserted", both_have_read)

    def act() -> str:
        return code_of(sign_in(app.test_client(), eva.passkey, but(count=50)))

    assert rush([act, act]) == ["200", "200"]
    assert notices_of_all(kit).count("passkey_doubted") == 1


def test_of_two_who_invite_the_first_facilitator_at_once_one_link_is_left(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.found_federation(kit, "Valley")
    first_name, meet = invitation_rows.first_name, threading.Barrier(2)

    def both_have_looked(connection: sa.Connection) -> str | None:
        found = first_name(connection)
        # Whom the lock keeps out comes here only when the other has invited, and waits for nobody.
        with suppress(threading.BrokenBarrierError):
            meet.wait(1)
        return found

    monkeypatch.setattr(invitation_rows, "first_name", both_have_looked)

    rush([lambda: invitations.invite_first_again(kit, "Fay") or ""] * 2)

    with kit.engine.connect() as connection:
        assert len(connection.execute(sa.select(tables.invitations.c.id)).all()) == 1
