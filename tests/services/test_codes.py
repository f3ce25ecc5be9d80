"""Enrolling phones for member codes, spending a code, freezing."""

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.clock import Clock
from wallet.domain import paycode
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import codes, members, network, sessions
from wallet.store import codes as phones
from wallet.store.engine import reading, write
from wallet.store.tables import code_attempts, people

STEP = 59_000_000


@pytest.fixture
def shop(kit: Kit) -> Kit:
    network.found_federation(kit, "Test")
    network.admit_coop(kit, "bakery", 100_000)
    network.open_till(kit, "bakery", "bakery-1", "Counter")
    members.accept_customer(kit, "ana")
    members.accept_customer(kit, "ben")
    return kit


class Handset:
    """Do what a phone does: keep a private key and derive the code key from the server's answer."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        return text(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def key(self, server_public: str) -> bytes:
        point = base64.urlsafe_b64decode(server_public + "=")
        return self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def find(kit: Kit, device: str) -> phones.Phone:
    with reading(kit.engine) as connection:
        found = phones.find(connection, device)
    assert found is not None
    return found


def take(kit: Kit, device: str, step: int) -> bool:
    return write(kit.engine, lambda connection: phones.take(connection, device, step, "bakery-1", "key", kit.clock()))


def test_phone_and_server_derive_the_same_key(shop: Kit) -> None:
    phone = Handset()
    enrolment = codes.enrol(shop, "ana", phone.public)

    stored = find(shop, enrolment.device)

    assert stored.secret == phone.key(enrolment.public_key)
    assert stored.handle == "ana"
    assert stored.live
    token = paycode.make(stored.secret, base64.urlsafe_b64decode(enrolment.device), STEP)
    assert paycode.matches(stored.secret, paycode.parse_link(token, "http://localhost:8000"))


def test_enrolling_the_same_key_twice_gives_the_same_phone(shop: Kit) -> None:
    phone = Handset()

    assert codes.enrol(shop, "ana", phone.public) == codes.enrol(shop, "ana", phone.public)


def test_a_phone_enrolled_for_one_member_is_refused_to_another(shop: Kit) -> None:
    phone = Handset()
    codes.enrol(shop, "ana", phone.public)

    with pytest.raises(Refusal) as refusal:
        codes.enrol(shop, "ben", phone.public)

    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "A",
        "é" * 87,
        text(b"\x04" * 65),
        text(b"\x02" + b"\x01" * 32),
        text(b"\x04" + b"\x00" * 64),
        "=" * 88,
        "A" * 5000,
    ],
    ids=range(8),
)
def test_what_is_no_point_of_the_curve_is_refused(shop: Kit, malformed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        codes.enrol(shop, "ana", malformed)

    assert refusal.value.code == "bad_form"


def test_a_point_has_one_spelling_and_its_both_halves(shop: Kit) -> None:
    handset, spare = Handset(), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = spare[spare.index(handset.public[-1]) + 1]
    half = handset.private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    for other in (handset.public[:-1] + last, handset.public + "=", text(half)):
        with pytest.raises(Refusal, match="bad_form"):
            codes.enrol(shop, "ana", other)
    assert codes.enrol(shop, "ana", handset.public)


def test_a_code_is_taken_once_and_kills_every_earlier_one(shop: Kit) -> None:
    device = codes.enrol(shop, "ana", Handset().public).device

    assert take(shop, device, STEP)
    assert not take(shop, device, STEP)
    assert not take(shop, device, STEP - 1)
    assert take(shop, device, STEP + 1)


def test_a_scan_is_under_way_for_the_request_that_took_the_code_alone_and_until_it_ends(shop: Kit) -> None:
    device = codes.enrol(shop, "ana", Handset().public).device
    take(shop, device, STEP)
    asked = {"device": device, "step": STEP, "till": "bakery-1", "key": "key", "since": shop.clock() - timedelta(1)}

    def goes_on(**other: object) -> bool:
        with reading(shop.engine) as connection:
            return phones.under_way(connection, **(asked | other))  # type: ignore[arg-type]

    assert goes_on()
    others = {"device": "other", "step": STEP + 1, "till": "bakery-2", "key": "other", "since": shop.clock()}
    assert not [name for name, other in others.items() if goes_on(**{name: other})]
    write(shop.engine, lambda connection: phones.finish(connection, device, STEP + 1, "refused"))
    assert goes_on()
    write(shop.engine, lambda connection: phones.finish(connection, device, STEP, "refused"))
    assert not goes_on()


def test_a_phone_that_its_owner_removes_makes_codes_no_more_and_all_others_do(shop: Kit, clock: Clock) -> None:
    keys, devices = [Handset().public for _ in range(3)], []
    for key, handle in zip(keys, ("ana", "ana", "ben"), strict=True):
        devices.append(codes.enrol(shop, handle, key).device)
        clock.advance(1)
    assert shown_to(shop, "ana") == [devices[1], devices[0]]

    sessions.remove_phone(shop, owner(shop, "ana"), devices[0])

    assert shown_to(shop, "ana") == [devices[1]]
    assert [take(shop, device, STEP) for device in devices] == [False, True, True]
    with pytest.raises(Refusal, match="not_allowed"):
        codes.enrol(shop, "ana", keys[0])
    assert codes.enrol(shop, "ana", keys[1]).device == devices[1]


def owner(kit: Kit, handle: str) -> int:
    with reading(kit.engine) as connection:
        found = phones.owner(connection, handle)
    assert found is not None
    return found.person_id


def shown_to(kit: Kit, handle: str) -> list[str]:
    with reading(kit.engine) as connection:
        return [device for device, _at in phones.phones_of(connection, owner(kit, handle))]


def test_codes_of_two_phones_do_not_touch_each_other(shop: Kit) -> None:
    first, second = (codes.enrol(shop, "ana", Handset().public).device for _ in range(2))

    assert take(shop, first, STEP + 1)
    assert take(shop, second, STEP)


def test_frozen_codes_are_not_taken_and_those_shown_before_stay_dead(shop: Kit, clock: Clock) -> None:
    device = codes.enrol(shop, "ana", Handset().public).device
    now_step = paycode.step_at(shop.clock())

    codes.freeze(shop, "ana")
    assert not take(shop, device, now_step)
    assert not take(shop, device, now_step + 1)
    clock.advance(30)
    codes.freeze(shop, "ana")

    codes.unfreeze(shop, "ana")
    assert not take(shop, device, now_step + 1)
    assert take(shop, device, now_step + 2)


def test_a_phone_enrolled_while_frozen_is_frozen_too(shop: Kit) -> None:
    codes.enrol(shop, "ana", Handset().public)
    codes.freeze(shop, "ana")

    assert not find(shop, codes.enrol(shop, "ana", Handset().public).device).live


def test_freezing_one_members_codes_or_letting_them_go_on_leaves_the_others(shop: Kit) -> None:
    device = codes.enrol(shop, "ben", Handset().public).device
    codes.enrol(shop, "ana", Handset().public)

    codes.freeze(shop, "ana")
    assert find(shop, device).live

    codes.freeze(shop, "ben")
    codes.unfreeze(shop, "ana")
    assert not find(shop, device).live


def test_a_member_keeps_the_newest_five_phones(shop: Kit, clock: Clock) -> None:
    other, devices = codes.enrol(shop, "ben", Handset().public).device, []
    for _ in range(7):
        devices.append(codes.enrol(shop, "ana", Handset().public).device)
        clock.advance(1)

    assert [find(shop, device).live for device in devices] == [False] * 2 + [True] * 5
    clock.advance(minutes=-10)
    last = codes.enrol(shop, "ana", Handset().public).device
    assert set(shown_to(shop, "ana")) == {*devices[3:], last}, "by a clock that was set back, too"
    assert find(shop, other).live


def test_neither_anothers_phones_nor_those_that_were_removed_count_to_the_five(shop: Kit, clock: Clock) -> None:
    first = codes.enrol(shop, "ana", Handset().public).device
    for handle in ("ben", "ana"):
        clock.advance(1)
        for _ in range(4):
            newest = codes.enrol(shop, handle, Handset().public).device
    for device in shown_to(shop, "ana"):
        if device not in (first, newest):
            sessions.remove_phone(shop, owner(shop, "ana"), device)
    clock.advance(1)
    for _ in range(3):
        codes.enrol(shop, "ana", Handset().public)

    assert len(shown_to(shop, "ana")) == 5
    assert find(shop, first).live


def test_a_stranger_without_a_wallet_cannot_enrol(shop: Kit) -> None:
    with pytest.raises(Refusal) as refusal:
        codes.enrol(shop, "nobody", Handset().public)

    assert refusal.value.code == "unknown_member"


def test_who_has_no_wallet_yet_cannot_enrol(shop: Kit) -> None:
    row = {"handle": "tim", "name": "Tim", "counter_name": "Tim", "joined_at": shop.clock()}
    with shop.engine.begin() as connection:
        connection.execute(sa.insert(people), row)

    with pytest.raises(Refusal, match="not_allowed"):
        codes.enrol(shop, "tim", Handset().public)


def test_every_attempt_is_kept_with_its_till(shop: Kit) -> None:
    device = codes.enrol(shop, "ana", Handset().public).device
    take(shop, device, STEP)

    with reading(shop.engine) as connection:
        kept = connection.execute(sa.select(code_attempts.c.till_id, code_attempts.c.step, code_attempts.c.key)).all()
    assert kept == [("bakery-1", STEP, "key")]
