"""Another browser: in Firefox somebody joins with a passkey, pays both ways, and sees where they are on a desk."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser import camera
from tests.browser.world import Counter, World
from tests.firefox import Firefox, firefox
from wallet.services import invitations, members
from wallet.services.invitations import Offer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the camera: a picture, drawn again and again.
CAMERA = """
const bytes = Uint8Array.from(atob(arguments[0]), (each) => each.charCodeAt(0));
return createImageBitmap(new Blob([bytes])).then((picture) => {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width + 80;
  canvas.height = picture.height + 80;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  setInterval(() => {
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 40, 40);
  }, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(15);
});
"""
SIGN_IN = """return fetch("/demo/sign-in", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ handle: arguments[0] }),
}).then((answer) => answer.status);"""


@pytest.fixture
def windows(world: World, tmp_path: Path) -> Iterator[tuple[Firefox, Firefox, Counter]]:
    """Give a till and a phone, each a Firefox with its person signed in, and the counter of the till."""
    counter = world.counter()
    with ExitStack() as both:
        till, phone = (both.enter_context(firefox(tmp_path / name, world.origin)) for name in ("till", "phone"))
        for window, handle in ((till, counter.cashier), (phone, world.member())):
            window.go("/demo")
            assert window.run(SIGN_IN, handle) == 204
        till.go(counter.path)
        phone.go("/")
        yield till, phone, counter


def charge(till: Firefox, start: str) -> None:
    """Type 12.50 and press what starts the sale."""
    for digit in "1250":
        till.press(f"//*[@data-key='{digit}']")
    till.press(start)


def test_the_till_shows_and_the_phone_pays(windows: tuple[Firefox, Firefox, Counter]) -> None:
    till, phone, _counter = windows
    charge(till, "//*[@data-charge-button]")
    till.sees("Waiting for the member")
    link = camera.read_off(till.picture("//*[contains(@class, 'code-frame')]"))
    assert link.startswith(f"{till.origin}/b/")

    phone.go(link.removeprefix(till.origin))
    till.sees("is confirming")
    phone.press("//button[normalize-space()='Pay 12.50 RES']")

    words = phone.run("return document.querySelector('.match .phrase').innerText") if phone.sees("You paid") else ""
    assert words in till.sees("The member’s phone shows the same words")


def test_the_phone_shows_and_the_till_scans(windows: tuple[Firefox, Firefox, Counter]) -> None:
    till, phone, _counter = windows
    phone.go("/code")
    phone.press("//button[normalize-space()='Use this phone for codes']")
    phone.sees("New code in")
    shown = phone.picture("//*[contains(@class, 'code-card')]")
    assert camera.read_off(shown).startswith(f"{till.origin}/m/")

    till.run(CAMERA, base64.b64encode(shown).decode())
    charge(till, "//*[@data-scan]")
    till.press("//button[normalize-space()='Use the camera']")

    assert "12.50" in till.sees("The member’s phone shows the same words")
    phone.go("/activity")
    phone.sees("−12.50")


def test_somebody_joins_with_a_passkey_and_signs_in_with_it_at_a_bill(real_world: World, tmp_path: Path) -> None:
    token = invitations.invite(real_world.kit, Offer("worker", coop="mill"))
    with firefox(tmp_path / "phone", real_world.origin) as phone:
        phone.hold_passkeys()
        phone.go(f"/join/{token}")
        phone.type("//input[@name='name']", "Eva Blum")
        phone.press("//button[normalize-space()='Make my passkey']")
        phone.sees("Write these codes down")

        phone.go("/you")
        phone.press("//button[normalize-space()='Sign out']")
        phone.sees("I have an invitation")
        phone.go(f"/b/{real_world.bill(real_world.counter()).code}")
        phone.press("//button[normalize-space()='Sign in with passkey']")

        # Nobody has paid them yet.
        phone.sees("12.50 RES are missing")


def test_where_one_is_stands_in_sight_in_a_line_of_links(world: World, tmp_path: Path) -> None:
    steward = world.member(coop="bakery")
    members.grant(world.kit, steward, "steward", "bakery")
    with firefox(tmp_path / "phone", world.origin) as phone:
        phone.go("/demo")
        assert phone.run(SIGN_IN, steward) == 204
        phone.tell("WebDriver:SetWindowRect", {"width": 500, "height": 800})
        phone.go("/office/bakery/accounts")

        ends_at = phone.run("return document.querySelector('.side [aria-current]').getBoundingClientRect().right")
        assert ends_at <= 500
