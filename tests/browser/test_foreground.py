"""Phones cut the connections of what is in the background: on return, every screen reads anew how things stand."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.camera import code_of
from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen
from tests.browser.script import run_by
from tests.browser.stage import TABLET, Stage
from wallet.services import members

pytestmark = pytest.mark.browser

LOOK = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""

# Waits until what asked before whether the camera is permitted has had its answer.
PERMITTED = """async () => {
    await navigator.permissions.query({ name: "camera" });
    await new Promise((done) => setTimeout(done));
}"""

# A camera that opens only once the test says so.
SLOW_CAMERA = """
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const opening = new Promise((resolve) => { window.openNow = resolve; });
    mediaDevices.getUserMedia = async (asked) => {
        window.asked = true;
        await opening;
        return window.opened = await open(asked);
    };
"""


# Counts the streams that a page opens.
STREAMS = """
    window.streams = 0;
    window.EventSource = class extends EventSource {
        constructor(address) {
            super(address);
            window.streams += 1;
        }
    };
"""


def put_away(page: Page) -> None:
    """Bring something else to the front, and cut what the page had open."""
    page.evaluate(LOOK, True)
    page.context.set_offline(True)


def bring_back(page: Page) -> None:
    """Bring the page to the front again."""
    page.context.set_offline(False)
    page.evaluate(LOOK, False)


def test_a_till_that_comes_back_to_the_front_shows_what_was_paid_meanwhile(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till)
    put_away(till)
    stage.world.pay(code, stage.world.member())
    bring_back(till)
    expect(screen(till, "paid")).to_be_attached()


def test_a_till_that_lies_behind_listens_no_more_though_the_network_comes_back(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.page(counter.cashier, viewport=TABLET)
    till.add_init_script(STREAMS)
    till.goto(counter.path)
    till.wait_for_function("() => window.streams === 1")

    till.evaluate(LOOK, True)
    till.evaluate("dispatchEvent(new Event('online'))")
    assert till.evaluate("streams") == 1

    till.evaluate(LOOK, False)
    assert till.evaluate("streams") == 2


def test_a_sheet_that_comes_back_to_the_front_says_that_the_bill_is_cancelled(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phone = open_bill(stage, stage.world.member(), charge(till))
    put_away(phone)
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    bring_back(phone)
    expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()


def test_a_sheet_shows_the_payment_that_was_made_in_another_tab(stage: Stage) -> None:
    bill, ana = stage.world.bill(stage.world.counter()), stage.world.member()
    phone = open_bill(stage, ana, bill.code)
    put_away(phone)
    stage.world.pay(bill.code, ana)
    bring_back(phone)
    expect_paid(phone)


@pytest.mark.parametrize("by_code", [False, True], ids=["after a bill", "after a scan"])
def test_a_paid_screen_that_comes_back_to_the_front_says_what_was_given_back_meanwhile(
    stage: Stage, by_code: bool
) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    if by_code:
        receipt, phone = stage.world.sale(counter, ana, 1_250), stage.page(ana)
        phone.goto(f"/code/paid/{receipt}")
    else:
        phone = open_bill(stage, ana, stage.world.bill(counter).code)
        pay(phone)
        expect_paid(phone)
        receipt = str(phone.get_by_role("link", name="Receipt").get_attribute("href")).rpartition("/")[2]
    run_by(phone, "wallet-fresh")
    sent = list[str]()
    phone.on("request", lambda request: sent.append(request.method))
    phone.evaluate(LOOK, True)
    stage.world.refund(counter, receipt, 450)
    phone.evaluate(LOOK, False)
    expect(phone.get_by_text("Given back so far: 4.50")).to_be_visible()

    run_by(phone, "wallet-fresh")
    put_away(phone)
    stage.world.refund(counter, receipt, 800)
    # As long as it cannot be read, what it knows stays.
    phone.evaluate(LOOK, False)
    expect_paid(phone)
    phone.context.set_offline(False)
    expect(phone.get_by_text("Given back so far: 12.50")).to_be_visible()
    assert set(sent) == {"GET"}


HOME, NARROWED = "/", "/activity?show=counts"


def of_a_wallet(page: Page, path: str) -> str:
    """Open what has a wallet's balance or its movements, and give the part that tells of a purchase of 12.50."""
    page.goto(path)
    run_by(page, "wallet-fresh")
    return "227.50" if path == HOME else "−12.50"


@pytest.mark.parametrize("path", [HOME, NARROWED])
def test_what_was_paid_elsewhere_stands_on_a_wallet_s_page_that_comes_back_to_the_front(
    stage: Stage, path: str
) -> None:
    ana, bill = stage.world.member(), stage.world.bill(stage.world.counter())
    phone = stage.page(ana)
    news = of_a_wallet(phone, path)
    put_away(phone)
    stage.world.pay(bill.code, ana)

    # As long as it cannot be read, what it knows stays.
    phone.evaluate(LOOK, False)
    expect(phone.get_by_text(news)).to_have_count(0)
    phone.context.set_offline(False)

    expect(phone.get_by_text(news).first).to_be_visible()
    expect(phone).to_have_url(stage.world.origin + path)


def test_what_is_half_typed_there_stays_where_the_list_is_read_anew(stage: Stage) -> None:
    ana, bill = stage.world.member(), stage.world.bill(stage.world.counter())
    phone = stage.page(ana)
    news = of_a_wallet(phone, "/activity")
    search = phone.get_by_role("searchbox")
    search.fill("knead")
    phone.evaluate(LOOK, True)
    stage.world.pay(bill.code, ana)

    phone.evaluate(LOOK, False)

    expect(phone.get_by_text(news).first).to_be_visible()
    expect(search).to_have_value("knead")
    phone.reload()
    run_by(phone, "wallet-fresh")
    expect(search).to_have_value("")


# Notes whether a page came back as it was.
NOTE_RETURNS = (
    "addEventListener('pageshow', (event) => { if (event.persisted) sessionStorage.returned = 'as it was'; })"
)


# A worker that has just come claims the pages that are kept, which are then made anew.
@pytest.mark.without_worker
@pytest.mark.parametrize("path", [HOME, NARROWED])
def test_back_from_a_payment_to_a_wallet_s_page_that_the_browser_kept_shows_it(stage: Stage, path: str) -> None:
    # A browser with a camera keeps pages for Back.
    phone = stage.page(stage.world.member(), sees=code_of(stage.world.origin))
    phone.add_init_script(NOTE_RETURNS)
    news = of_a_wallet(phone, path)
    phone.goto(f"/b/{stage.world.bill(stage.world.counter()).code}")
    pay(phone)
    expect_paid(phone)

    phone.evaluate("() => history.back()")

    expect(phone.get_by_text(news).first).to_be_visible()
    expect(phone).to_have_url(stage.world.origin + path)
    assert phone.evaluate("sessionStorage.returned") == "as it was"


@pytest.mark.parametrize("path", [HOME, NARROWED])
def test_a_wallet_s_page_that_comes_back_to_the_front_is_of_who_is_signed_in(stage: Stage, path: str) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    of_a_wallet(phone, path)
    phone.evaluate(LOOK, True)
    ben = stage.world.member("Ben Ortiz")
    assert phone.request.post("/demo/sign-in", data={"handle": ben}).status == 204

    phone.evaluate(LOOK, False)

    expect(phone.locator(f'wallet-pwa[data-handle="{ben}"]')).to_be_attached()


def test_a_camera_that_opens_behind_a_page_that_was_put_away_goes_out(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=code_of("https://elsewhere.example/b/7K3MQ2XA"))
    phone.add_init_script(SLOW_CAMERA)
    phone.goto("/pay")
    phone.wait_for_function("() => window.asked")

    phone.evaluate(LOOK, True)
    phone.evaluate("openNow()")

    phone.wait_for_function("() => window.opened?.getTracks().every((track) => track.readyState === 'ended')")


def test_a_camera_that_was_opening_when_the_page_was_put_away_reads_after_its_return(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=code_of("https://elsewhere.example/b/7K3MQ2XA"))
    phone.add_init_script(SLOW_CAMERA)
    phone.goto("/pay")
    phone.wait_for_function("() => window.asked")
    scanner = phone.locator("wallet-scanner")
    expect(scanner).to_have_attribute("data-state", "starting")

    phone.evaluate(LOOK, True)
    phone.evaluate("openNow()")
    phone.evaluate(LOOK, False)

    expect(phone.get_by_role("alert").filter(has_text="Not a code of this federation")).to_be_visible()
    expect(scanner).to_have_attribute("data-state", "running")


def test_a_camera_that_ends_by_itself_says_so_and_can_be_tried_again(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=code_of("https://elsewhere.example/b/7K3MQ2XA"))
    phone.goto("/pay")
    scanner = phone.locator("wallet-scanner")
    expect(scanner).to_have_attribute("data-state", "running")

    phone.locator("video").evaluate("(video) => video.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")

    expect(phone.get_by_role("heading", name="No camera was found")).to_be_visible()
    phone.get_by_role("button", name="Try the camera again").click()
    expect(scanner).to_have_attribute("data-state", "running")


@pytest.mark.parametrize("script", ["", "addEventListener('unload', () => {})"], ids=["kept", "made anew"])
def test_back_from_a_bill_that_was_scanned_offers_the_camera_again(stage: Stage, script: str) -> None:
    bill = stage.world.bill(stage.world.counter())
    phone = stage.page(stage.world.member(), sees=code_of(f"{stage.world.origin}/b/{bill.code}"))
    # A page that wants to hear of its end is not kept for Back.
    phone.add_init_script(script)
    phone.goto("/pay")
    phone.wait_for_url("**/b/*")
    run_by(phone, "wallet-confirm")

    phone.evaluate("() => history.back()")

    expect(phone.get_by_role("button", name="Use the camera")).to_be_visible()
    run_by(phone, "wallet-scanner")
    phone.evaluate(PERMITTED)
    assert phone.locator("wallet-scanner").get_attribute("data-state") == "explain"
    assert phone.url.endswith("/pay")


def test_a_till_that_one_came_back_to_opens_its_camera_when_it_is_pressed_for(stage: Stage) -> None:
    till = stage.till(stage.world.counter(), sees=code_of("https://elsewhere.example/b/7K3MQ2XA"))
    till.add_init_script("addEventListener('unload', () => {})")
    till.reload()
    till.goto("/you")
    till.go_back()
    run_by(till, "wallet-till")

    press(till, *"1250")
    till.locator("[data-scan]").click()

    expect(till.locator("dialog wallet-scanner")).to_have_attribute("data-state", "running")


@pytest.mark.without_worker
def test_what_reads_codes_and_did_not_come_is_asked_for_again(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=code_of("https://elsewhere.example/b/7K3MQ2XA"))
    phone.add_init_script("delete globalThis.BarcodeDetector")
    phone.route("**/vendor/qr/decode.js", lambda route: route.abort(), times=1)
    phone.goto("/pay")
    expect(phone.get_by_role("heading", name="This browser cannot read codes now")).to_be_visible()

    phone.get_by_role("button", name="Try the camera again").click()

    expect(phone.locator("wallet-scanner")).to_have_attribute("data-state", "running")


# Detectors that say they read codes, as on a phone that lacks what they stand on.
BLIND = """globalThis.BarcodeDetector = class {
    static getSupportedFormats = async () => ["qr_code"];
    detect = async () => { %s };
}"""


@pytest.mark.parametrize("detects", ["return []", "throw new Error('service unavailable')"], ids=["nothing", "trouble"])
def test_where_the_browser_s_own_reader_never_finds_a_code_the_bundled_one_does(stage: Stage, detects: str) -> None:
    bill = stage.world.bill(stage.world.counter())
    phone = stage.page(stage.world.member(), sees=code_of(f"{stage.world.origin}/b/{bill.code}"))
    phone.add_init_script(BLIND % detects)

    phone.goto("/pay")

    phone.wait_for_url(f"**/b/{bill.code}")


# Counts the notes of a till whose sound a call may interrupt, as WebKit calls it.
COUNTED_NOTES = """
    globalThis.heard = 0;
    globalThis.AudioContext = class {
        state = "running";
        currentTime = 0;
        constructor() { globalThis.sound = this; }
        async resume() { this.state = "running"; }
        createOscillator() { heard += 1; return { frequency: {}, connect: (next) => next, start() {}, stop() {} }; }
        createGain() {
            return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (next) => next };
        }
    };
"""


def test_a_till_sounds_again_after_a_call_has_interrupted_it(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.page(counter.cashier, viewport=TABLET)
    till.add_init_script(COUNTED_NOTES)
    till.goto(counter.path)
    code = charge(till)

    till.evaluate("sound.state = 'interrupted'")
    press(till, "Shift")
    stage.world.pay(code, stage.world.member())

    expect(screen(till, "paid")).to_be_attached()
    assert till.evaluate("heard") == 2


def test_nobody_s_handle_is_taken_for_something_that_waits(stage: Stage) -> None:
    handle = "waiting"
    members.join(stage.world.kit, "mill", handle, name="Waiting Room")
    phone = stage.page(handle)
    phone.clock.install()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if request.url.endswith("/me") else None)

    phone.goto("/")
    run_by(phone, "wallet-fresh")
    phone.clock.run_for(30_000)
    phone.evaluate("() => fetch('/healthz')")

    assert asked == []
