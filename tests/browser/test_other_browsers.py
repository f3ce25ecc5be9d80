"""Other browsers: Firefox and WebKit pay both ways, show a code without a network, and where one is on a desk."""

import base64
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.browser import camera
from tests.browser.conftest import serving
from tests.browser.kept import KEPT
from tests.browser.world import Counter, World
from tests.firefox import firefox
from tests.webkit import webkit
from tests.window import Window
from wallet.services import invitations, members
from wallet.services.invitations import Offer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the camera: a picture, drawn again and again. WebKit may let go what one puts upon its one object.
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
  MediaDevices.prototype.getUserMedia = async () => canvas.captureStream(15);
});
"""
SIGN_IN = """return fetch("/demo/sign-in", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ handle: arguments[0] }),
}).then((answer) => answer.status);"""


# What starts a window of a browser, with a folder of its own, for pages of an origin.
Browser = Callable[[Path, str], AbstractContextManager[Window]]


@pytest.fixture(params=[firefox, webkit], ids=["Firefox", "WebKit"])
def browser(request: pytest.FixtureRequest) -> Browser:
    """Give one browser after the other."""
    started: Browser = request.param
    return started


@pytest.fixture
def windows(world: World, tmp_path: Path, browser: Browser) -> Iterator[tuple[Window, Window, Counter]]:
    """Give a till and a phone, each a window with its person signed in, and the counter of the till."""
    counter = world.counter()
    with ExitStack() as both:
        till, phone = (both.enter_context(browser(tmp_path / name, world.origin)) for name in ("till", "phone"))
        for window, handle in ((till, counter.cashier), (phone, world.member())):
            window.go("/demo")
            assert window.run(SIGN_IN, handle) == 204
        till.resize(1024, 768)
        phone.resize(500, 900)
        till.go(counter.path)
        phone.go("/")
        yield till, phone, counter


def charge(till: Window, start: str) -> None:
    """Type 12.50 and press what starts the sale."""
    for digit in "1250":
        till.press(f"//*[@data-key='{digit}']")
    till.press(start)


def test_the_till_shows_and_the_phone_pays(windows: tuple[Window, Window, Counter]) -> None:
    till, phone, _counter = windows
    charge(till, "//*[@data-charge-button]")
    till.sees("Waiting for the member")
    link = camera.read_off(till.picture())
    assert link.startswith(f"{till.origin}/b/")

    phone.go(link.removeprefix(till.origin))
    till.sees("is confirming")
    phone.press("//button[normalize-space()='Pay 12.50\xa0RES']")

    # The till first: its paid screen goes by itself.
    told = till.sees("The member’s phone shows the same words")
    phone.sees("You paid")
    assert phone.run("return document.querySelector('.match .phrase').innerText") in told


def test_the_phone_shows_and_the_till_scans(windows: tuple[Window, Window, Counter]) -> None:
    till, phone, _counter = windows
    phone.go("/code")
    phone.press("//button[normalize-space()='Use this phone for codes']")
    phone.sees("New code in")
    shown = phone.picture()
    assert camera.read_off(shown).startswith(f"{till.origin}/m/")

    till.run(CAMERA, base64.b64encode(shown).decode())
    charge(till, "//*[@data-scan]")
    till.press("//button[normalize-space()='Use the camera']")

    assert "12.50" in till.sees("The member’s phone shows the same words")
    phone.go("/activity")
    phone.sees("−12.50")


def test_a_phone_whose_server_is_gone_shows_its_balance_and_its_code(
    migrated_sqlite: Path, tmp_path: Path, browser: Browser
) -> None:
    path = tmp_path / "wallet.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    with ExitStack() as server:
        world = server.enter_context(serving(f"sqlite:///{path}"))
        with browser(tmp_path / "phone", world.origin) as phone:
            phone.resize(500, 900)
            phone.go("/demo")
            assert phone.run(SIGN_IN, world.member()) == 204
            phone.go("/code")
            phone.press("//button[normalize-space()='Use this phone for codes']")
            phone.sees("New code in")
            phone.go("/")
            phone.run("return navigator.serviceWorker.ready.then(() => true)")
            phone.run(f"return ({KEPT})(...arguments)", "balance")
            server.close()

            phone.go("/activity")

            assert "240.00 RES" in phone.sees("New code in")
            assert camera.read_off(phone.picture()).startswith(f"{phone.origin}/m/")


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


def test_where_one_is_stands_in_sight_in_a_line_of_links(world: World, tmp_path: Path, browser: Browser) -> None:
    steward = world.member(coop="bakery")
    members.grant(world.kit, steward, "steward", "bakery")
    with browser(tmp_path / "phone", world.origin) as phone:
        phone.go("/demo")
        assert phone.run(SIGN_IN, steward) == 204
        phone.resize(500, 800)
        phone.go("/office/bakery/accounts")

        ends_at = phone.run("return document.querySelector('.side [aria-current]').getBoundingClientRect().right")
        assert ends_at <= 500
