"""The real ceremony: a browser's own virtual authenticator makes passkeys and proves with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.browser.counter import expect_paid, pay
from tests.browser.gifts import fill_in
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.test_access import barriers, width_of
from tests.browser.test_foreground import LOOK
from wallet.kit import system_clock
from wallet.services import histories, invitations, members, payments
from wallet.services.invitations import Offer
from wallet.store import confinements, people
from wallet.store.engine import write

pytestmark = pytest.mark.browser

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


# How often a request is sent before the sheet says that it does not know: PAUSES_MS of lib/api.js, and the last.
TRIES = 4


class Lock:
    """Hold the screen lock of a phone: the virtual authenticator of one page."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        return list(self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])

    def learns(self, other: "Lock") -> None:
        """Hold the passkeys of another page of the same phone, as they are now."""
        for known in other.passkeys():
            self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": known})

    @contextmanager
    def unanswered(self) -> Iterator[None]:
        """Nobody touches the phone meanwhile."""
        self._set("setAutomaticPresenceSimulation", enabled=False)
        yield
        self._set("setAutomaticPresenceSimulation", enabled=True)

    def fails(self, *, verified: bool) -> None:
        """Let the person's face be recognised, or not."""
        self._set("setUserVerified", isUserVerified=verified)

    def _set(self, method: str, **options: bool) -> None:
        self.session.send(f"WebAuthn.{method}", {"authenticatorId": self.id, **options})


def invited(stage: Stage, kind: str = "worker", coop: str | None = "mill", **offer: Any) -> str:
    return "/join/" + invitations.invite(stage.world.kit, Offer(kind, coop=coop, **offer))


def joined(stage: Stage, name: str = "Eva Blum") -> tuple[Page, Lock]:
    """Let somebody join on a phone of their own."""
    phone = stage.page()
    lock = Lock(phone)
    phone.goto(invited(stage))
    phone.get_by_label("Your name").fill(name)
    phone.get_by_label("Name shown at counters").fill(name.split()[0])
    phone.get_by_role("button", name="Make my passkey").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Write these codes down")
    return phone, lock


def paid(stage: Stage, name: str) -> tuple[Page, Lock, str]:
    """Let somebody join on a phone of their own and be paid; give their handle beside phone and lock."""
    phone, lock = joined(stage, name)
    phone.goto("/you")
    handle = phone.locator("main .what").first.inner_text()
    histories.pay(stage.world.kit, "mill", handle, 240_000, 9_600, key=f"pay of {handle}")
    return phone, lock, handle


def sign_out(phone: Page) -> None:
    phone.goto("/you")
    phone.get_by_role("button", name="Sign out", exact=True).click()
    expect(phone.get_by_role("link", name="Sign in with passkey")).to_be_visible()


def test_somebody_joins_signs_out_and_signs_in_with_one_press(real_stage: Stage) -> None:
    phone, lock = joined(real_stage)
    assert len(lock.passkeys()) == 1
    assert lock.passkeys()[0]["isResidentCredential"]
    expect(phone.locator(".codes li")).to_have_count(10)
    phone.get_by_role("link", name="I have written them down").click()
    expect(phone.get_by_role("navigation", name="Main")).to_be_visible()

    sign_out(phone)
    phone.get_by_role("link", name="Sign in with passkey").click()
    # The field offers the passkey by itself; a browser that does not is pressed.
    expect(phone.get_by_role("navigation", name="Main")).to_be_visible()

    phone.goto("/you/security")
    expect(phone.get_by_text("You have one passkey.")).to_be_visible()


def test_a_reload_of_the_recovery_codes_leads_to_where_new_ones_are_drawn(real_stage: Stage) -> None:
    phone, _lock = joined(real_stage, "Lio Fern")
    run_by(phone, "wallet-answered")

    phone.reload()

    expect(phone.get_by_text("10 codes are left.")).to_be_visible()
    expect(phone.get_by_role("button", name="Draw ten new codes")).to_be_visible()


def test_a_recovery_code_with_a_slip_stays_in_its_field_to_be_mended(real_stage: Stage) -> None:
    phone, _lock = joined(real_stage, "Ida Moor")
    code = phone.locator(".codes li").first.inner_text()
    slip = code[:-1] + ("A" if code[-1] != "A" else "B")
    other = real_stage.page()
    other.goto("/sign-in/recovery")
    other.get_by_label("Recovery code").fill(slip)
    other.get_by_role("button", name="Sign in with this code").click()

    expect(other.get_by_role("alert")).to_contain_text("This recovery code does not work")
    field = other.get_by_label("Recovery code")
    expect(field).to_have_value(slip)
    expect(field).to_be_focused()
    field.fill(code)
    field.press("Enter")
    expect(other.get_by_text("Make a new passkey now")).to_be_visible()


def test_a_bill_opened_when_signed_out_is_paid_right_there(real_stage: Stage) -> None:
    world = real_stage.world
    phone, _lock, _handle = paid(real_stage, "Ida Rot")
    sign_out(phone)

    phone.goto(f"/b/{world.bill(world.counter()).code}")
    phone.get_by_role("button", name="Sign in with passkey").click()
    expect(phone.get_by_role("button", name="Pay 12.50 RES")).to_be_visible()
    pay(phone)

    expect_paid(phone)


def test_a_payer_who_did_not_sign_in_is_still_told_what_became_of_the_bill(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock, _handle = paid(real_stage, "Ole Falk")
    sign_out(phone)
    counter = world.counter()
    bill = world.bill(counter)
    lock.fails(verified=False)
    phone.goto(f"/b/{bill.code}")
    phone.get_by_role("button", name="Sign in with passkey").click()
    expect(phone.get_by_text("No passkey was used")).to_be_visible()

    payments.cancel_bill(world.kit, bill.code, counter.cashier)

    expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()


def test_a_second_passkey_is_added_on_the_same_page(real_stage: Stage) -> None:
    phone, lock = joined(real_stage, "Uta Grau")
    phone.goto("/you/security")
    phone.get_by_role("button", name="Add a passkey").click()
    expect(phone.get_by_text("This device has a passkey for you already")).to_be_visible()

    lock.session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE | {"transport": "usb"}})
    phone.get_by_label("What you call it").fill("my key ring")
    phone.get_by_role("button", name="Add a passkey").click()

    expect(phone.get_by_text("New passkey: my key ring")).to_be_visible()
    expect(phone.get_by_role("button", name="Remove")).to_have_count(2)


def test_a_face_that_is_not_recognised_opens_nothing_and_says_so(real_stage: Stage) -> None:
    phone, lock = joined(real_stage, "Kai Blau")
    sign_out(phone)
    lock.fails(verified=False)

    phone.goto("/sign-in")
    phone.get_by_role("button", name="Sign in with passkey").click()

    expect(phone.get_by_text("No passkey was used")).to_be_visible()
    lock.fails(verified=True)
    phone.get_by_role("button", name="Sign in with passkey").click()
    expect(phone.get_by_role("navigation", name="Main")).to_be_visible()


def test_who_came_back_in_person_reads_why_no_passkey_helps_and_is_asked_for_none(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock, handle = paid(real_stage, "Pia Lind")
    write(
        world.kit.engine,
        lambda connection: confinements.confine(connection, people.holder(connection, handle).id, system_clock()),
        keyed=False,
    )
    used = lock.passkeys()[0]["signCount"]

    phone.goto(f"/b/{world.bill(world.counter(), 50_01).code}")
    pay(phone)

    expect(phone.get_by_text("a passkey does not help")).to_be_visible()
    expect(phone.get_by_role("button", name="Pay 50.01 RES")).to_be_enabled()
    assert lock.passkeys()[0]["signCount"] == used


def test_a_large_payment_asks_for_the_passkey_and_pays_with_one_press(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock, _handle = paid(real_stage, "Nia Wald")
    used = lock.passkeys()[0]["signCount"]

    phone.goto(f"/b/{world.bill(world.counter(), 80_00).code}")
    pay(phone)

    expect_paid(phone)
    assert lock.passkeys()[0]["signCount"] == used + 1


@pytest.mark.without_worker
def test_a_large_payment_that_looks_repeated_and_gets_lost_is_paid_by_one_more_press_and_one_proof(
    real_stage: Stage,
) -> None:
    world = real_stage.world
    phone, lock, _handle = paid(real_stage, "Ike Lund")
    counter, used, proved = world.counter(), lock.passkeys()[0]["signCount"], 0

    def lose(route: Route) -> None:
        nonlocal proved
        proved += "assertion" in (route.request.post_data or "")
        route.abort() if 0 < proved <= TRIES else route.continue_()

    phone.goto(f"/b/{world.bill(counter, 80_00).code}")
    pay(phone)
    expect_paid(phone)
    phone.goto(f"/b/{world.bill(counter, 80_00).code}")
    pay(phone)
    phone.route("**/pay", lose)

    phone.get_by_role("button", name="Pay 80.00 RES once more").click()

    expect_paid(phone)
    assert proved > TRIES
    assert lock.passkeys()[0]["signCount"] == used + 2


def test_a_large_payment_that_is_not_confirmed_moves_nothing_and_can_be_tried_again(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock, _handle = paid(real_stage, "Tom Stein")
    lock.fails(verified=False)

    phone.goto(f"/b/{world.bill(world.counter(), 80_00).code}")
    pay(phone)
    expect(phone.get_by_text("Not confirmed with your passkey. No money moved.")).to_be_visible()

    lock.fails(verified=True)
    pay(phone)
    expect_paid(phone)


def test_a_steward_whose_proof_is_old_proves_it_and_what_they_sent_goes_on(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock = joined(real_stage, "Ken Ufer")
    phone.goto("/you")
    handle = phone.locator("main .what").first.inner_text()
    members.grant(world.kit, handle, "steward", "mill")
    world.steward("mill")
    with world.kit.engine.begin() as connection:
        connection.execute(sa.text("UPDATE sessions SET asserted_at = asserted_at - 600000000"))
    used = lock.passkeys()[0]["signCount"]

    phone.goto("/office/mill/pool")
    phone.get_by_label("Sum in RES").fill("1.23")
    phone.get_by_role("button", name="Propose to put it in").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Confirm with your passkey first")
    with lock.unanswered():
        assert faults(phone) == []
    lock.fails(verified=False)
    phone.get_by_role("button", name="Confirm with passkey").click()
    expect(phone.get_by_text("No passkey was used")).to_be_visible()
    lock.fails(verified=True)
    phone.get_by_role("button", name="Confirm with passkey").click()

    expect(phone).to_have_url(f"{world.origin}/office/mill/pool?proposed=1")
    expect(phone.locator("main")).to_contain_text("1.23")
    assert lock.passkeys()[0]["signCount"] == used + 1


def test_every_door_is_without_barriers_and_fits_a_small_phone(real_stage: Stage) -> None:
    link = invited(real_stage, roles=("cashier",))
    phone, lock = joined(real_stage, "Ada Moos")
    found = {"the codes": faults(phone)}
    bill = real_stage.world.bill(real_stage.world.counter(), left=170)
    outside = real_stage.page()
    for page, address in (
        # First, as it runs out.
        (outside, f"/b/{bill.code}"),
        (phone, "/you/security"),
        (phone, "/you/confirm"),
        (outside, "/"),
        (outside, "/sign-in"),
        (outside, "/sign-in/recovery"),
        (outside, "/join"),
        (outside, link),
    ):
        with lock.unanswered():
            page.set_viewport_size({"width": 360, "height": 740})
            page.goto(address)
            found[address] = faults(page)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def faults(page: Page) -> list[str]:
    wrong = barriers(page)
    page.set_viewport_size({"width": 320, "height": 640})
    return wrong + ([f"{width_of(page)} px wide"] if width_of(page) > 320 else [])


def test_a_large_gift_is_proved_by_the_passkey_on_its_own_sheet(real_stage: Stage) -> None:
    world = real_stage.world
    phone, lock = joined(real_stage, "Ria Berg")
    phone.goto("/you")
    handle = phone.locator("main .what").first.inner_text()
    histories.pay(world.kit, "mill", handle, 2_400_000, 9_600, key=f"pay of {handle}")
    used = lock.passkeys()[0]["signCount"]
    friend = world.member("Cal Dias", paid=False)
    fill_in(phone, friend, "80")
    phone.get_by_role("button", name="Send 80.00 RES").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(phone.locator("main")).to_contain_text("80.00")
    assert lock.passkeys()[0]["signCount"] == used + 1


@pytest.mark.parametrize("path", ["/sign-in", "/you/confirm"])
def test_without_script_no_passkey_can_be_pressed_for(real_stage: Stage, path: str) -> None:
    page = real_stage.page(java_script_enabled=False)
    if path != "/sign-in":
        phone, _lock = joined(real_stage, "Jon Holz")
        page.context.add_cookies(phone.context.cookies())
    page.goto(path)

    expect(page.get_by_role("button", name="passkey")).to_be_disabled()


def test_a_browser_without_passkeys_is_not_asked_to_fill_anything_in(real_stage: Stage) -> None:
    page = real_stage.page()
    page.add_init_script("delete globalThis.PublicKeyCredential")
    page.goto("/sign-in")

    expect(page.get_by_text("This browser cannot use passkeys here")).to_be_visible()
    expect(page.get_by_label("Passkeys on this device")).to_be_hidden()
    expect(page.get_by_role("link", name="Lost your phone?")).to_be_visible()


# A text field in which passkeys are offered for as long as nobody chooses one.
OFFERED = """
    PublicKeyCredential.isConditionalMediationAvailable = async () => true;
    navigator.credentials.get = ({ signal }) => new Promise((_, refuse) => {
        globalThis.offered = true;
        signal.addEventListener("abort", () => refuse(signal.reason));
    });
"""


@pytest.mark.without_worker
def test_who_comes_back_to_the_door_is_offered_their_passkey_again(real_stage: Stage) -> None:
    page = real_stage.page()
    page.add_init_script(OFFERED)
    page.clock.install()
    with page.expect_response("**/sign-in/challenge"):
        page.goto("/sign-in")
    # By then it is known when the next challenge is asked for.
    page.wait_for_function("() => globalThis.offered")
    page.evaluate(LOOK, True)
    page.clock.run_for(101_000)

    with page.expect_response("**/sign-in/challenge"):
        page.evaluate(LOOK, False)


# A dialog for a passkey that stays open until the test closes it.
OPEN_DIALOG = """
    navigator.credentials.get = () => new Promise((_, refuse) => {
        globalThis.closeDialog = () => refuse(new DOMException("closed", "NotAllowedError"));
    });
"""


@pytest.mark.without_worker
def test_a_bill_that_was_cancelled_while_its_passkey_was_asked_for_is_shown_as_cancelled(real_stage: Stage) -> None:
    phone, _lock, _handle = paid(real_stage, "Tom Stein")
    counter = real_stage.world.counter()
    bill = real_stage.world.bill(counter, 80_00)
    phone.add_init_script(OPEN_DIALOG)
    phone.route("**/events", lambda route: route.fulfill(status=204))
    phone.goto(f"/b/{bill.code}")
    pay(phone)
    phone.wait_for_function("() => globalThis.closeDialog")

    with phone.expect_response(lambda answer: answer.url.endswith(bill.code) and "cancelled" in answer.text()):
        payments.cancel_bill(real_stage.world.kit, bill.code, counter.cashier)
    phone.evaluate("closeDialog()")

    expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()
