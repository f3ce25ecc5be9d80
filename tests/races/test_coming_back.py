"""An owner comes back while who has their wallet still acts: what the way back brings is the owner's alone."""

from datetime import datetime
from functools import partial

import pytest
import sqlalchemy as sa

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.races.conftest import Act, Meets, attempt
from tests.races.test_ways_in import come_back, id_of, is_in, sign_in
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import invitations, passkeys, proposals, sessions
from wallet.services.passkeys import Joined
from wallet.store import passkeys as rows
from wallet.store import people
from wallet.store import proposals as proposed
from wallet.store.engine import reading, write
from wallet.store.tables import roles

pytestmark = pytest.mark.only_on("postgresql")


def agreed(kit: Kit, handle: str) -> str:
    """Let Flo and Gil agree on a way back at the clinic; give its link's digest."""
    proposals.recover(kit, "flo", "clinic", handle)
    with reading(kit.engine) as connection:
        (number,) = [each.id for each in proposed.waiting(connection, kit.clock())]
    token = proposals.agree(kit, "gil", number).token
    assert token is not None
    return digest_of(token)


def to_join(kit: Kit, clock: Clock, handle: str) -> Act:
    """Agree on a way back and let it open; give the act of coming in by it."""
    link, (_token, door) = agreed(kit, handle), sessions.doorway(kit)
    clock.advance(hours=24)
    made = Authenticator().make(passkeys.begin_join(kit, link, door.bearer, handle))
    return partial(passkeys.join, kit, link, door, made, name="", counter_name="", device="")


def to_add(kit: Kit, handle: str, bearer: str, passkey: Authenticator | None = None) -> Act:
    """Let a signed-in browser make a passkey; give the act of adding it."""
    person, passkey = id_of(kit, handle), passkey or Authenticator()
    made = passkey.make(passkeys.begin_add(kit, person, bearer, handle))
    return partial(passkeys.add, kit, person, bearer, made, "another")


def to_sign_in(kit: Kit, clock: Clock, handle: str) -> tuple[Act, str]:
    """Let a wrong way back bring a passkey; give the act of signing in by it, and that session's digest."""
    passkey, (_token, door) = Authenticator(), sessions.doorway(kit)
    come_back(kit, handle)
    to_add(kit, handle, sign_in(kit, handle), passkey)()
    clock.advance(hours=1)
    proof = passkey.prove(passkeys.begin_sign_in(kit, door.bearer))
    return partial(passkeys.sign_in, kit, door, proof), door.new


def passkeys_of(kit: Kit, handle: str) -> list[int]:
    """List the passkeys of a person that open their wallet."""
    with reading(kit.engine) as connection:
        return [each.id for each in rows.of_person(connection, id_of(kit, handle))]


def is_open(kit: Kit, code: str) -> bool:
    """Tell whether a recovery code lets somebody in."""
    return attempt(partial(sessions.sign_in_by_code, kit, sessions.doorway(kit)[1], code)) != "unknown_code"


@pytest.mark.parametrize("passkey_is_first", [True, False])
def test_a_passkey_that_is_added_while_its_owner_comes_back_once_more_opens_nothing(
    pairs: Kit, meets: Meets, clock: Clock, passkey_is_first: bool
) -> None:
    come_back(pairs, "ben")
    clock.advance(hours=1)
    add, back = to_add(pairs, "ben", sign_in(pairs, "ben")), partial(come_back, pairs, "ben")
    if passkey_is_first:
        meets("wallet.store.passkeys.add", add, back)
    else:
        assert meets("wallet.store.sessions.shut_out", back, add)[1] == "not_signed_in"

    assert passkeys_of(pairs, "ben") == []


def test_who_is_shut_out_by_a_way_back_draws_no_codes_in_place_of_those_that_it_brings(
    pairs: Kit, meets: Meets, clock: Clock
) -> None:
    join = to_join(pairs, clock, "ben")
    draw = partial(sessions.new_recovery_codes, pairs, id_of(pairs, "ben"), sign_in(pairs, "ben"))
    joined, drawn = meets("wallet.store.recovery.renew", join, draw)

    assert drawn == "not_signed_in"
    assert isinstance(joined, Joined)
    assert is_open(pairs, joined.codes[0])


def test_who_is_shut_out_by_a_way_back_removes_no_passkey_that_it_brings(
    pairs: Kit, meets: Meets, clock: Clock
) -> None:
    join, bearer = to_join(pairs, clock, "ben"), sign_in(pairs, "ben")
    to_add(pairs, "ben", bearer)()
    (own,) = passkeys_of(pairs, "ben")
    remove = partial(passkeys.remove, pairs, id_of(pairs, "ben"), bearer, own + 1)
    _joined, removed = meets("wallet.store.passkeys.add", join, remove)

    assert (removed, passkeys_of(pairs, "ben")) == ("not_signed_in", [own, own + 1])


@pytest.mark.parametrize("step", ["passkeys.proved", "sessions.enter"])
def test_who_signs_in_by_a_passkey_that_is_ended_at_this_moment_is_shut_out(
    pairs: Kit, meets: Meets, clock: Clock, step: str
) -> None:
    enter, session = to_sign_in(pairs, clock, "ben")
    entered, _back = meets(f"wallet.store.{step}", enter, partial(come_back, pairs, "ben"))

    assert (entered, is_in(pairs, session)) == ("ben", False)


def test_nobody_signs_in_by_a_passkey_that_a_way_back_has_just_ended(pairs: Kit, meets: Meets, clock: Clock) -> None:
    enter, session = to_sign_in(pairs, clock, "ben")
    _back, entered = meets("wallet.store.sessions.shut_out", partial(come_back, pairs, "ben"), enter)

    assert (entered, is_in(pairs, session)) == ("unknown_passkey", False)


def test_the_roles_of_who_comes_back_rest_from_when_nobody_acts_in_them_any_more(
    pairs: Kit, meets: Meets, clock: Clock
) -> None:
    eve, join = id_of(pairs, "eve"), to_join(pairs, clock, "eve")

    def act_and_take_a_minute(connection: sa.Connection) -> datetime:
        people.lock(connection, eve)
        clock.advance(minutes=1)
        return pairs.clock()

    acted_at, _joined = meets("wallet.store.people.lock", partial(write, pairs.engine, act_and_take_a_minute), join)

    rested = sa.select(roles.c.revoked_at).where(roles.c.person_id == eve, roles.c.revoked_at.is_not(None))
    with reading(pairs.engine) as connection:
        assert connection.execute(rested).scalar_one() == acted_at


def test_of_two_ways_back_that_are_agreed_at_once_one_stands(pairs: Kit, meets: Meets) -> None:
    for by, coop in (("eve", "bakery"), ("flo", "mill")):
        proposals.recover(pairs, by, coop, "cy")
    with reading(pairs.engine) as connection:
        first, second = sorted(each.id for each in proposed.waiting(connection, pairs.clock()))
    agree = partial(proposals.agree, pairs, "ivo", first), partial(proposals.agree, pairs, "gil", second)
    agreed_to = meets("wallet.store.invitations.stop_ways_back", *agree)

    standing = [attempt(partial(invitations.look_up, pairs, outcome.token)).stands for outcome in agreed_to]
    assert standing == [False, True]
