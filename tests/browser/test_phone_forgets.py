"""A phone that changes hands: after sign-out nothing of the former member is found on it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import expect_paid, pay, sign_out_everywhere
from tests.browser.gifts import look_once_more
from tests.browser.kept import LEFT, NAMES, wait_until_kept
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.tablet import registered, unlocked_with_key

pytestmark = pytest.mark.browser

KEPT = """async () => ({
    databases: (await indexedDB.databases()).map((one) => one.name),
    caches: await caches.keys(),
    session: sessionStorage.length,
    local: localStorage.length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""

# Looks until no database is left, and gives how many are.
DATABASES_LEFT = """async () => {
    const count = async () => (await indexedDB.databases()).length;
    const patience = Date.now() + 10_000;
    while ((await count()) && Date.now() < patience) await new Promise((go) => setTimeout(go, 50));
    return count();
}"""

# Looks until the pages without a network are kept, and tells whether they are.
FILES_KEPT = """async () => {
    const patience = Date.now() + 10_000;
    while (!(await caches.match("/unanswered")) && Date.now() < patience) await new Promise((go) => setTimeout(go, 50));
    return Boolean(await caches.match("/unanswered"));
}"""

# Makes the balance that is kept one of the day before.
OF_YESTERDAY = """() => new Promise((resolve) => {
    const opened = indexedDB.open("res-wallet");
    opened.onsuccess = () => {
        const writing = opened.result.transaction("kept", "readwrite");
        const store = writing.objectStore("kept");
        const asked = store.get("balance");
        asked.onsuccess = () => store.put({ ...asked.result, at: asked.result.at - 86400000 }, "balance");
        writing.oncomplete = () => resolve(opened.result.close());
    };
})"""

# Looks until this is the balance that is kept.
KEPT_BALANCE = """(amount) => new Promise((resolve) => {
    const patience = Date.now() + 10_000;
    const opened = indexedDB.open("res-wallet");
    opened.onsuccess = () => {
        const look = () => {
            const asked = opened.result.transaction("kept").objectStore("kept").get("balance");
            const isOver = () => asked.result?.amount === amount || Date.now() > patience;
            asked.onsuccess = () => (isOver() ? resolve(opened.result.close()) : setTimeout(look, 20));
        };
        look();
    };
})"""

# What browsers do that are told to keep nothing, or that show the wallet inside of another page.
REFUSALS = {
    "caches": "CacheStorage.prototype.keys = () => Promise.reject(new DOMException('no', 'SecurityError'))",
    "databases": "IDBFactory.prototype.deleteDatabase = () => { throw new DOMException('no', 'SecurityError'); }",
    "session": "Storage.prototype.clear = () => { throw new DOMException('no', 'SecurityError'); }",
}


def enrol(phone: Page) -> None:
    """Make the phone a maker of codes."""
    phone.goto("/code")
    phone.get_by_role("button", name="Use this phone for codes").click()
    expect(phone.get_by_role("img", name="Your code")).to_be_visible()


def test_signing_out_leaves_nothing_behind(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert "res-wallet" in phone.evaluate(KEPT)["databases"]
    assert phone.evaluate(KEPT)["caches"]

    phone.goto("/you")
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/")
    phone.goto("/time")

    found = phone.evaluate(KEPT)
    assert (found["session"], found["local"]) == (0, 0)
    assert phone.evaluate(DATABASES_LEFT) == 0
    phone.goto("/code")
    expect(phone.get_by_role("img", name="Your code")).to_have_count(0)


@pytest.mark.parametrize("how", ["by a press", "from elsewhere", "by whoever signs in"])
def test_pages_in_other_tabs_of_who_is_signed_out_are_left(stage: Stage, how: str) -> None:
    ana = stage.world.member()
    phone = stage.page(ana)
    phone.goto("/")
    wait_until_kept(phone, "balance")
    other = stage.watched(phone.context.new_page())
    other.goto("/share")
    run_by(other, "wallet-pwa")

    if how == "by a press":
        phone.goto("/you")
        phone.locator('form[action="/sign-out"] button').click()
    else:
        if how == "from elsewhere":
            sign_out_everywhere(stage.page(ana))
        else:
            assert phone.request.post("/demo/sign-in", data={"handle": stage.world.member()}).status == 204
        phone.goto("/")

    other.wait_for_url("**/")
    expect(other.locator(f'[data-handle="{ana}"]')).to_have_count(0)


class Older:
    """A browser that does not know the header by which a site has itself cleared."""

    def __init__(self, phone: Page) -> None:
        self.unheeded: list[str] = []
        phone.route("**/sign-out", self.answer)

    def answer(self, route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        self.unheeded.append(answer.headers["clear-site-data"])
        headers = {name: value for name, value in answer.headers.items() if name != "clear-site-data"}
        route.fulfill(status=answer.status, headers=headers)


@pytest.mark.without_worker
def test_a_browser_that_does_not_know_what_clears_a_site_forgets_all_the_same(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.evaluate("sessionStorage.setItem('of', 'the member')")

    older = Older(phone)
    phone.goto("/you")
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/")
    phone.goto("/time")

    assert len(older.unheeded) == 1
    assert phone.evaluate(KEPT)["session"] == 0
    assert phone.evaluate(DATABASES_LEFT) == 0


def test_such_a_browser_shows_codes_without_a_network_once_somebody_is_signed_in_again(stage: Stage) -> None:
    ana = stage.world.member()
    phone = stage.page(ana)
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    Older(phone)
    phone.goto("/you")
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/")

    assert phone.context.request.post("/demo/sign-in", data={"handle": ana}).status == 204
    enrol(phone)
    assert phone.evaluate(FILES_KEPT)
    phone.context.set_offline(True)
    phone.goto("/code")

    expect(phone.get_by_role("img", name="Your code")).to_be_visible()


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_browser_that_refuses_its_stores_signs_out_all_the_same(stage: Stage, refused: str) -> None:
    phone = stage.page(stage.world.member())
    phone.add_init_script(REFUSALS[refused])
    phone.goto("/you")
    phone.locator('form[action="/sign-out"] button').click()

    phone.wait_for_url("**/")
    expect(phone.locator("nav.tabs")).to_have_count(0)


def test_without_a_network_nobody_is_signed_out_and_the_phone_keeps_what_it_had(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.goto("/you")
    kept = phone.evaluate(KEPT)

    phone.context.set_offline(True)
    phone.locator('form[action="/sign-out"] button').click()
    expect(phone.get_by_role("alert").filter(has_text="you may still be signed in")).to_be_visible()
    assert phone.evaluate(KEPT) == kept
    phone.goto("/code")
    expect(phone.get_by_role("img", name="Your code")).to_be_visible()

    phone.context.set_offline(False)
    # The offline page goes back to where it stood by itself.
    expect(phone.locator("nav.tabs")).to_be_visible()
    phone.goto("/you")
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/")
    expect(phone.locator("nav.tabs")).to_have_count(0)


@pytest.mark.without_worker
def test_a_sign_out_that_somebody_else_answered_is_sent_until_the_server_has(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/you")
    portal = "<h1>Welcome to our network</h1>"
    phone.route("**/sign-out", lambda route: route.fulfill(content_type="text/html", body=portal), times=1)

    phone.locator('form[action="/sign-out"] button').click()

    phone.wait_for_url("**/")
    expect(phone.locator("nav.tabs")).to_have_count(0)
    assert phone.context.request.get("/me", headers={"Accept": "application/json"}).status == 401


def test_the_pages_behind_the_back_button_are_gone_after_signing_out(stage: Stage) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    for path in ("/", "/activity", "/you"):
        phone.goto(path)
    phone.go_back()
    expect(phone.get_by_role("heading", level=1, name="Activity")).to_be_visible()
    phone.go_forward()
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/")

    for _page in range(3):
        phone.go_back()
        phone.wait_for_load_state()
        assert "Ana" not in phone.content()
        assert "240.00" not in phone.content()
        expect(phone.locator("nav.tabs")).to_have_count(0)


def test_a_phone_signed_out_from_elsewhere_shows_no_balance_and_no_code_that_tills_refuse(stage: Stage) -> None:
    ana = stage.world.member()
    phone = stage.page(ana)
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    other = stage.page(ana).context.request
    assert other.post("/you/security/sessions/end-all", headers={"Accept": "application/json"}).ok
    expect(phone.locator("nav.tabs")).to_have_count(0)
    assert set(phone.evaluate(LEFT, "phone")) <= {"balance", "clock"}

    phone.context.set_offline(True)
    phone.goto("/code")

    expect(phone.get_by_text("This phone has no code.")).to_be_visible()
    expect(phone.get_by_text("You can still show your code.")).to_be_hidden()
    expect(phone.get_by_text("Up to 50.00 RES")).to_be_hidden()
    expect(phone.get_by_text("This phone keeps no balance.")).to_be_visible()


@pytest.mark.without_worker
def test_a_phone_forgets_nothing_while_nobody_says_that_it_is_signed_out(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    # The page of the code asks now and then, and would go home by itself.
    phone.goto("/you")
    phone.route("**/me", lambda route: route.abort())
    phone.context.clear_cookies()

    with phone.expect_event("requestfailed"):
        phone.goto("/")

    assert "phone" in phone.evaluate(NAMES)


@pytest.mark.parametrize("path", ["/code", "/tills/"])
def test_a_page_without_a_network_is_light_or_dark_as_its_reader_chose(stage: Stage, path: str) -> None:
    phone = stage.page(stage.world.member(), color_scheme="light")
    phone.goto("/you")
    phone.get_by_role("button", name="Dark").click()
    expect(phone.get_by_role("button", name="Dark", pressed=True)).to_be_visible()
    phone.wait_for_load_state()
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    chosen = phone.evaluate("getComputedStyle(document.body).backgroundColor")

    phone.context.set_offline(True)
    phone.goto(path)

    expect(phone.locator("h1").first).to_contain_text(re.compile("No connection|without a network"))
    assert phone.evaluate("getComputedStyle(document.body).backgroundColor") == chosen


@pytest.mark.without_worker
def test_another_member_on_the_same_phone_does_not_get_the_formers_codes(stage: Stage) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    enrol(phone)

    other = stage.world.member("Ben Ortiz")
    assert phone.context.request.post("/demo/sign-in", data={"handle": other}).status == 204
    # Whose the codes are is known without a word of the server.
    phone.route("**/code/state?*", lambda route: route.abort())
    phone.goto("/code")

    expect(phone.get_by_role("button", name="Use this phone for codes")).to_be_visible()
    expect(phone.get_by_role("img", name="Your code")).to_have_count(0)


def test_what_a_phone_kept_of_a_member_goes_as_soon_as_another_is_signed_in(stage: Stage) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    enrol(phone)

    other = stage.world.member("Ben Ortiz")
    assert phone.context.request.post("/demo/sign-in", data={"handle": other}).status == 204
    phone.goto("/activity")

    assert phone.evaluate(DATABASES_LEFT) == 0


@pytest.mark.without_worker
@pytest.mark.parametrize("then", ["is still signed in", "has signed out elsewhere"])
def test_a_tablet_whose_till_is_opened_keeps_the_code_of_who_is_signed_in_beside_it(stage: Stage, then: str) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    tablet = registered(stage, counter, world.steward())
    unlocked_with_key(stage, tablet, counter)
    assert tablet.request.post("/demo/sign-in", data={"handle": ana}).status == 204
    enrol(tablet)
    tablet.goto("/")
    wait_until_kept(tablet, "balance")
    if then != "is still signed in":
        sign_out_everywhere(stage.page(ana))

    with tablet.expect_response("**/me"):
        tablet.goto(counter.path)

    if then == "is still signed in":
        assert set(tablet.evaluate(NAMES)) >= {"phone", "balance"}
    else:
        assert "phone" not in tablet.evaluate(LEFT, "phone")


def test_balance_and_code_come_up_without_a_network(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.goto("/")
    wait_until_kept(phone, "balance")

    phone.context.set_offline(True)
    phone.goto("/code")

    expect(phone.get_by_text("No connection.")).to_be_visible()
    expect(phone.get_by_text("You can still show your code.")).to_be_visible()
    expect(phone.get_by_text("Up to 50.00 RES")).to_be_visible()
    expect(phone.get_by_text("this phone’s clock was changed")).to_be_visible()
    expect(phone.get_by_text("You had at")).to_be_visible()
    expect(phone.get_by_role("img", name="Your code")).to_be_visible()
    expect(phone.locator("wallet-offline [data-part=at]")).to_have_text(re.compile("^[0-9:]{5}$"))
    phone.evaluate(OF_YESTERDAY)
    phone.reload()
    expect(phone.locator("wallet-offline [data-part=at]")).to_have_text(re.compile("[A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}"))
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", level=1, name="My code")).to_be_visible()


@pytest.mark.parametrize("opened", ["just now", "later on"])
def test_without_a_network_the_balance_is_what_the_paid_screen_was_seen_with(stage: Stage, opened: str) -> None:
    ana, bill = stage.world.member(), stage.world.bill(stage.world.counter())
    phone = stage.page(ana)
    phone.goto("/")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_until_kept(phone, "balance")
    phone.goto(f"/b/{bill.code}")
    pay(phone)
    expect_paid(phone)
    has = "227.50"
    if opened == "later on":
        stage.world.sale(stage.world.counter(), ana, 430)
        has = "223.20"
        phone.reload()
        expect_paid(phone)
    phone.evaluate(KEPT_BALANCE, has)
    phone.context.set_offline(True)

    phone.goto("/")

    expect(phone.locator("wallet-offline [data-part=amount]")).to_have_text(has)


# Looks until nothing is kept of what was typed, and gives what is.
TYPED_LEFT = """async () => {
    const patience = Date.now() + 10_000;
    const typed = () => sessionStorage.getItem("form-typed");
    while (typed() && Date.now() < patience) await new Promise((go) => setTimeout(go, 50));
    return typed();
}"""


def typed_a_gift(phone: Page, taker: str) -> str:
    """Type a gift, look at it once more, and give the page's address on which it was typed."""
    phone.goto(f"/send/{taker}")
    address = phone.url
    phone.locator("#amount").fill("3.00")
    phone.locator("#note").fill("for the doctor")
    look_once_more(phone)
    return address


@pytest.mark.parametrize("where", ["on a tablet", "elsewhere"])
def test_what_was_typed_as_a_gift_is_gone_once_its_giver_is_signed_out(stage: Stage, where: str) -> None:
    world = stage.world
    ana, ben = world.member(), world.member("Ben Ortiz")
    phone = registered(stage, world.counter(), world.steward()) if where == "on a tablet" else stage.page()
    assert phone.request.post("/demo/sign-in", data={"handle": ana}).status == 204
    typed_a_gift(phone, ben)

    if where == "on a tablet":
        phone.goto("/you/security")
        phone.get_by_role("button", name="Sign out everywhere").click()
    else:
        sign_out_everywhere(stage.page(ana))
        phone.goto("/")

    expect(phone.locator("nav.tabs")).to_have_count(0)
    assert phone.evaluate(TYPED_LEFT) is None


def test_what_was_typed_as_a_gift_is_put_back_for_nobody_else(stage: Stage) -> None:
    ana, ben, cal = (stage.world.member(name) for name in ("Ana Moreau", "Ben Ortiz", "Cal Dias"))
    phone = stage.page(ana)
    address = typed_a_gift(phone, ben)
    phone.goto(address)
    expect(phone.locator("#note")).to_have_value("for the doctor")
    look_once_more(phone)

    assert phone.context.request.post("/demo/sign-in", data={"handle": cal}).status == 204
    phone.goto(address)

    run_by(phone, "wallet-typed")
    expect(phone.locator("#note")).to_have_value("")
    expect(phone.locator("#amount")).to_have_value("")


@pytest.mark.parametrize("height", [640, 667, 740])
def test_without_a_network_the_whole_code_is_in_sight_on_a_low_phone(stage: Stage, height: int) -> None:
    phone = stage.page(stage.world.member(), viewport={"width": 360, "height": height})
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_until_kept(phone, "balance")
    phone.context.set_offline(True)

    phone.goto("/code")

    expect(phone.get_by_text("You had at")).to_be_visible()
    expect(phone.get_by_role("img", name="Your code")).to_be_visible()
    code, dock = phone.locator(".code-card").bounding_box(), phone.locator(".dock").bounding_box()
    assert code
    assert dock
    assert code["y"] + code["height"] <= dock["y"]


# Lets a test see the pair of keys from which the one that is kept is derived.
WATCHED = """
    const make = SubtleCrypto.prototype.generateKey;
    SubtleCrypto.prototype.generateKey = async function (...given) {
        return window.pair = await make.apply(this, given);
    };
"""


# What a browser does that stores everything but keys, as in a private window.
KEYLESS = """(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, name) {
        const parts = value instanceof Object ? [value, ...Object.values(value)] : [];
        if (parts.some((part) => part instanceof CryptoKey)) throw new DOMException("no", "DataCloneError");
        return put.call(this, value, name);
    };
})()"""


def test_a_browser_that_keeps_no_keys_adds_no_phone_to_the_members_list(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.add_init_script(KEYLESS)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto("/code")

    phone.get_by_role("button", name="Use this phone for codes").click()

    expect(phone.get_by_text("The phone could not be enrolled. Nothing was changed.")).to_be_visible()
    assert not [url for url in asked if url.endswith("/code/devices")]


def test_the_key_of_a_phone_cannot_be_read_out(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.add_init_script(WATCHED)
    enrol(phone)

    assert phone.evaluate("() => [window.pair.privateKey.type, window.pair.privateKey.extractable]") == [
        "private",
        False,
    ]

    extractable = phone.evaluate(
        """() => new Promise((resolve) => {
            const request = indexedDB.open("res-wallet");
            request.onsuccess = () => {
                const database = request.result;
                const read = database.transaction("kept").objectStore("kept").get("phone");
                read.onsuccess = () => {
                    database.close();
                    resolve([read.result.key.type, read.result.key.extractable, Object.keys(read.result).sort()]);
                };
            };
        })"""
    )

    assert extractable == ["secret", False, ["device", "handle", "key", "limit", "name", "origin"]]
