"""Somebody gets in while others are shut out: of two that meet each is first or last, and the last one holds."""

import base64
from functools import partial

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.handset import Handset
from tests.races.conftest import Meets, attempt
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import codes, passkeys, payments, sessions, tablets
from wallet.store import people, recovery
from wallet.store import sessions as rows
from wallet.store import tablets as tablet_rows
from wallet.store.engine import reading, write
from wallet.store.sessions import Bearer
from wallet.store.tables import code_keys

pytestmark = pytest.mark.only_on("postgresql")

BROWSER, SESSION = digest_of("a tablet's browser"), digest_of("a session on it")


def id_of(kit: Kit, handle: str) -> int:
    with reading(kit.engine) as connection:
        return people.holder(connection, handle).id


def come_back(kit: Kit, handle: str) -> None:
    """Come back into one's wallet by a way in person."""
    person = id_of(kit, handle)
    write(kit.engine, lambda connection: passkeys._came_back(connection, person, kit.clock()))


def is_in(kit: Kit, digest: str) -> bool:
    with reading(kit.engine) as connection:
        return rows.find(connection, digest, kit.clock()) is not None


def sign_in(kit: Kit, handle: str) -> str:
    """Sign somebody in; give the digest of the session's token."""
    _token, door = sessions.doorway(kit)
    sessions.sign_in_as(kit, handle, door)
    return door.new


def drawn_key() -> str:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def free_phones(kit: Kit) -> int:
    """Count the phones that make codes which a till takes."""
    live = sa.and_(code_keys.c.frozen_at.is_(None), code_keys.c.revoked_at.is_(None))
    with reading(kit.engine) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(code_keys).where(live)).scalar_one())


@pytest.fixture
def tablet(pairs: Kit) -> int:
    """Make a browser the tablet of the bakery's till; give its number."""
    code = tablets.show_code(pairs, BROWSER)
    tablets.register(pairs, id_of(pairs, "eve"), "bakery", code, "bakery-1", "Blue")
    with reading(pairs.engine) as connection:
        found = tablet_rows.of_browser(connection, BROWSER)
    assert found is not None
    return found.id


@pytest.fixture
def vouched(pairs: Kit, tablet: int) -> int:
    """Let Ben vouch for the tablet; give its number."""
    tablets.sign_in(pairs, "ben", sign_in(pairs, "ben"), "bakery-1", tablets.show_code(pairs, BROWSER))
    return tablet


def test_a_tablet_that_is_revoked_while_a_cashier_begins_there_charges_nothing(
    pairs: Kit, vouched: int, meets: Meets
) -> None:
    begin = partial(tablets.enter, pairs, BROWSER, SESSION)
    meets("wallet.store.tablets.bind", begin, partial(tablets.revoke, pairs, id_of(pairs, "eve"), "bakery", vouched))

    charge = partial(payments.open_bill, pairs, "bakery-1", Bearer(SESSION), amount_minor=1, key="a bill")
    assert attempt(charge) == "not_signed_in"


def test_no_cashier_begins_at_a_tablet_that_is_being_revoked(pairs: Kit, vouched: int, meets: Meets) -> None:
    revoke = partial(tablets.revoke, pairs, id_of(pairs, "eve"), "bakery", vouched)
    _done, begun = meets("wallet.store.tablets.revoke", revoke, partial(tablets.enter, pairs, BROWSER, SESSION))

    assert (begun, is_in(pairs, SESSION)) == ("unknown_pairing", False)


@pytest.mark.parametrize("tablet_is_first", [True, False])
def test_who_signs_out_everywhere_is_signed_out_of_a_tablet_that_begins(
    pairs: Kit, vouched: int, meets: Meets, tablet_is_first: bool
) -> None:
    begin = partial(tablets.enter, pairs, BROWSER, SESSION)
    leave = partial(sessions.end_everywhere, pairs, id_of(pairs, "ben"))
    if tablet_is_first:
        meets("wallet.store.tablets.bind", begin, leave)
    else:
        meets("wallet.store.pairings.unvouch", leave, begin)

    assert not is_in(pairs, SESSION)


@pytest.mark.parametrize("yes_is_first", [True, False])
@pytest.mark.usefixtures("tablet")
def test_no_tablet_begins_for_a_cashier_who_vouches_for_it_while_they_sign_out_everywhere(
    pairs: Kit, meets: Meets, yes_is_first: bool
) -> None:
    code, leave = tablets.show_code(pairs, BROWSER), partial(sessions.end_everywhere, pairs, id_of(pairs, "ben"))
    vouch = partial(tablets.sign_in, pairs, "ben", sign_in(pairs, "ben"), "bakery-1", code)
    if yes_is_first:
        meets("wallet.store.pairings.approve", vouch, leave)
    else:
        assert meets("wallet.store.sessions.shut_out", leave, vouch)[1] == "not_signed_in"

    assert attempt(partial(tablets.enter, pairs, BROWSER, SESSION)) == "unknown_pairing"


def test_a_phone_that_is_added_while_its_owner_signs_out_everywhere_makes_no_codes(pairs: Kit, meets: Meets) -> None:
    add = partial(codes.enrol, pairs, "ana", drawn_key(), sign_in(pairs, "ana"))
    meets("wallet.store.codes.add", add, partial(sessions.end_everywhere, pairs, id_of(pairs, "ana")))

    assert free_phones(pairs) == 0


def test_no_phone_is_added_in_a_session_that_has_ended(pairs: Kit, meets: Meets) -> None:
    add = partial(codes.enrol, pairs, "ana", drawn_key(), sign_in(pairs, "ana"))
    leave = partial(sessions.end_everywhere, pairs, id_of(pairs, "ana"))
    _done, added = meets("wallet.store.sessions.shut_out", leave, add)

    assert (added, free_phones(pairs)) == ("not_signed_in", 0)


def test_a_phone_that_is_added_while_its_session_ends_makes_no_codes(pairs: Kit, meets: Meets) -> None:
    bearer = sign_in(pairs, "ana")
    with reading(pairs.engine) as connection:
        found = rows.find(connection, bearer, pairs.clock())
    assert found is not None
    leave = partial(sessions.end_one, pairs, found.person_id, found.session_id)
    meets("wallet.store.codes.add", partial(codes.enrol, pairs, "ana", drawn_key(), bearer), leave)

    assert free_phones(pairs) == 0


@pytest.mark.parametrize("code_is_first", [True, False])
def test_a_way_back_shuts_out_who_signs_in_with_an_old_recovery_code(
    pairs: Kit, meets: Meets, code_is_first: bool
) -> None:
    ben, bearer = id_of(pairs, "ben"), sign_in(pairs, "ben")
    code = sessions.new_recovery_codes(pairs, ben, bearer)[0]
    _token, door = sessions.doorway(pairs)
    enter, back = partial(sessions.sign_in_by_code, pairs, door, code), partial(come_back, pairs, "ben")
    if code_is_first:
        meets("wallet.store.sessions.enter", enter, back)
    else:
        renew = partial(sessions.new_recovery_codes, pairs, ben, bearer)
        assert meets("wallet.store.recovery.renew", renew, enter)[1] == "unknown_code"

    assert not is_in(pairs, door.new)


def test_recovery_codes_that_are_drawn_twice_at_once_are_ten(pairs: Kit, meets: Meets) -> None:
    ben = id_of(pairs, "ben")
    renew = partial(sessions.new_recovery_codes, pairs, ben, sign_in(pairs, "ben"))
    meets("wallet.store.recovery.renew", renew, renew)

    with reading(pairs.engine) as connection:
        assert recovery.left(connection, ben) == 10


def test_a_phone_that_is_added_while_codes_are_frozen_is_frozen(pairs: Kit, meets: Meets) -> None:
    Handset(pairs, "ana")
    meets("wallet.store.codes.add", partial(Handset, pairs, "ana"), partial(codes.freeze, pairs, "ana"))

    assert free_phones(pairs) == 0


def test_a_phone_that_is_enrolled_twice_at_once_is_enrolled_once(pairs: Kit, meets: Meets) -> None:
    enrol = partial(codes.enrol, pairs, "ana", drawn_key())
    first, second = meets("wallet.store.codes.add", enrol, enrol)

    assert (first, free_phones(pairs)) == (second, 1)


def test_a_steward_who_registers_a_tablet_twice_at_once_has_done_it_once(pairs: Kit, meets: Meets) -> None:
    code = tablets.show_code(pairs, BROWSER)
    register = partial(tablets.register, pairs, id_of(pairs, "eve"), "bakery", code, "bakery-1", "Blue")

    assert meets("wallet.store.tablets.add", register, register) == (None, None)
    with reading(pairs.engine) as connection:
        assert len(tablet_rows.of_coop(connection, "bakery", pairs.clock())) == 1


def test_of_two_who_make_a_browser_two_tills_tablets_at_once_the_second_is_told(pairs: Kit, meets: Meets) -> None:
    eve, code = id_of(pairs, "eve"), tablets.show_code(pairs, BROWSER)
    at = [partial(tablets.register, pairs, eve, "bakery", code, f"bakery-{number}", "Blue") for number in (1, 2)]

    assert meets("wallet.store.tablets.add", *at) == (None, "unknown_pairing")
