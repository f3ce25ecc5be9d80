"""What the phone computes by itself: its codes, the server's time, and whose links it trusts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.stage import Stage
from wallet import i18n
from wallet.domain import outage
from wallet.web.language import PSEUDO, named

pytestmark = pytest.mark.browser

VECTORS = json.loads((Path(__file__).parent.parent / "domain" / "paycode_vectors.json").read_text(encoding="utf-8"))
OURS = "https://wallet.example"
CODE, TOKEN = "7K3M9QRX", "A" * 31


@pytest.fixture
def page(stage: Stage) -> Page:
    """Give a page that stays where it is: the one without a network looks for its way back."""
    made = stage.page()
    made.goto("/")
    return made


def scripts(page: Page) -> str:
    """Give the address of the folder of the libraries."""
    source = page.locator('script[src*="/js/elements/"]').first.get_attribute("src")
    assert source is not None
    return source.split("/js/elements/")[0] + "/js/lib/"


def test_the_phone_makes_the_tokens_that_the_server_expects(page: Page) -> None:
    made = page.evaluate(
        """async ([folder, vectors]) => {
            const { makeToken } = await import(folder + "paycode.js");
            const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
            return Promise.all(vectors.map(async ({ key, device, step }) => {
                const algorithm = { name: "HMAC", hash: "SHA-256" };
                const secret = await crypto.subtle.importKey("raw", bytes(key), algorithm, false, ["sign"]);
                return makeToken(secret, bytes(device), step);
            }));
        }""",
        [scripts(page), VECTORS],
    )

    assert made == [vector["token"] for vector in VECTORS]


def test_a_till_finds_the_minute_of_six_digits_up_to_three_minutes_ago_and_one_ahead(page: Page) -> None:
    key, total, now = bytes(range(outage.KEY_BYTES)), 1_250, 29_000_002 + 3
    digits = {ago: outage.digits_for(key, total, now - ago) for ago in (4, 3, 2, 1, 0, -1, -2)}
    assert digits[3].startswith("0")

    found = page.evaluate(
        """async ([folder, key, total, now, digits]) => {
            const { minuteOf } = await import(folder + "outage.js");
            const algorithm = { name: "HMAC", hash: "SHA-256" };
            const secret = await crypto.subtle.importKey("raw", Uint8Array.from(key), algorithm, false, ["sign"]);
            return Promise.all(digits.map((one) => minuteOf(secret, total, one, now * 60_000 + 59_999)));
        }""",
        [scripts(page), list(key), total, now, list(digits.values())],
    )

    assert found == [None, now - 3, now - 2, now - 1, now, now + 1, None]


def test_a_step_has_thirty_seconds(page: Page) -> None:
    found = page.evaluate(
        """async (folder) => {
            const { stepAt, secondsLeft } = await import(folder + "paycode.js");
            return [0, 29_999, 30_000, 1_777_777_777_001].map((at) => [stepAt(at), secondsLeft(at)]);
        }""",
        scripts(page),
    )

    assert found == [[0, 30], [0, 1], [1, 30], [59_259_259, 23]]


@pytest.mark.parametrize(
    ("text", "accept", "judged"),
    [
        (f"{OURS}/b/{CODE}", "bill", {"kind": "bill", "value": CODE}),
        (f"{OURS}/m/{TOKEN}", "member", {"kind": "member", "value": TOKEN}),
        (f"{OURS}/m/{TOKEN}", "bill", {"refused": "other"}),
        (f"{OURS}/b/{CODE}", "member", {"refused": "other"}),
        (f"{OURS}/sign-out", "bill", {"refused": "other"}),
        (f"{OURS}/b/{CODE}/pay", "bill", {"refused": "other"}),
        (f"{OURS}/c/bakery-1", "bill counter", {"kind": "counter", "value": "bakery-1"}),
        (f"{OURS}/c/bakery-1", "member", {"refused": "other"}),
        (f"{OURS}/pair/{CODE}", "bill counter pair", {"kind": "pair", "value": CODE}),
        (f"{OURS}/pair/{CODE}", "bill counter", {"refused": "other"}),
        (f"{OURS}/refunds/09MVYWVM36CJ", "bill refund", {"kind": "refund", "value": "09MVYWVM36CJ"}),
        (f"{OURS}/refunds/09MVYWVM36CJ/approve", "bill refund", {"refused": "other"}),
        (f"{OURS}/to/{CODE}", "bill receive", {"kind": "receive", "value": CODE}),
        (f"{OURS}/c/bakery-1/more", "bill counter", {"refused": "other"}),
        (f"{OURS}/b/{CODE}?next=https://evil.example", "bill", {"refused": "foreign"}),
        (f"{OURS}/b/{CODE}#x", "bill", {"refused": "foreign"}),
        (f"https://evil.example/b/{CODE}", "bill", {"refused": "foreign"}),
        (f"{OURS}.evil.example/b/{CODE}", "bill", {"refused": "foreign"}),
        (f"https://wallet.example@evil.example/b/{CODE}", "bill", {"refused": "foreign"}),
        (f"https://evil@wallet.example/b/{CODE}", "bill", {"refused": "foreign"}),
        (f"http://wallet.example/b/{CODE}", "bill", {"refused": "foreign"}),
        (f"{OURS}:8443/b/{CODE}", "bill", {"refused": "foreign"}),
        (CODE, "bill", {"refused": "foreign"}),
        ("javascript:alert(1)", "bill", {"refused": "foreign"}),
        ("", "bill", {"refused": "foreign"}),
        (f"{OURS}/b/" + "A" * 5_000, "bill", {"refused": "foreign"}),
    ],
)
def test_a_scanner_trusts_its_own_origins_links_of_the_kind_it_asked_for(
    page: Page, text: str, accept: str, judged: dict[str, str]
) -> None:
    found = page.evaluate(
        "async ([folder, ...told]) => (await import(folder + 'scanner.js')).judge(...told)",
        [scripts(page), text, accept, OURS],
    )

    assert found == judged


def test_a_phone_whose_clock_is_five_minutes_wrong_knows_the_servers_time(page: Page) -> None:
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=5))

    off = page.evaluate(
        """async (folder) => {
            const { ServerClock } = await import(folder + "device.js");
            const clock = new ServerClock();
            const before = clock.now();
            const answered = await clock.measure("/time");
            const later = new ServerClock();
            await later.restore();
            return [answered, Math.round((before - clock.now()) / 60_000), Math.abs(later.now() - clock.now())];
        }""",
        scripts(page),
    )

    assert off[:2] == [True, 5]
    assert off[2] < 2_000


def test_a_phone_whose_clock_is_set_meanwhile_knows_the_servers_time_at_every_moment(page: Page) -> None:
    off = page.evaluate(
        """async (folder) => {
            const { ServerClock } = await import(folder + "device.js");
            const real = Date.now;
            const off = (clock) => Math.round((clock.now() - real()) / 60_000);
            const clock = new ServerClock();
            await clock.measure("/time");
            Date.now = () => real() + 600_000;
            await clock.measure("/no-such-address");
            const unanswered = off(clock);
            await clock.measure("/time");
            const later = new ServerClock();
            await later.restore();
            return [unanswered, off(clock), off(later)];
        }""",
        scripts(page),
    )

    assert off == [0, 0, 0]


def test_the_way_of_an_answer_is_not_taken_for_a_wrong_clock(page: Page) -> None:
    off = page.evaluate(
        """async (folder) => {
            const { ServerClock } = await import(folder + "device.js");
            const began = Date.now();
            let passed = 0;
            Date.now = () => began + passed;
            performance.now = () => passed;
            globalThis.fetch = async () => {
                passed += 800;
                const answer = Response.json({ now: Date.now() });
                passed += 800;
                return answer;
            };
            const clock = new ServerClock();
            await clock.measure("/time");
            return clock.now() - Date.now();
        }""",
        scripts(page),
    )

    assert off == 0


def test_what_is_left_counts_sleep_and_no_clock_that_was_set_back(page: Page) -> None:
    left = page.evaluate(
        """async (folder) => {
            const { remaining } = await import(folder + "remaining.js");
            let steady = 0;
            let day = 1_800_000_000_000;
            performance.now = () => steady;
            Date.now = () => day;
            const left = remaining(60_000);
            const told = [left()];
            const pass = (steadily, daily) => { steady += steadily; day += daily; told.push(left()); };
            pass(10_000, 10_000);
            pass(0, 20_000);
            pass(10_000, -3_600_000);
            pass(90_000, 90_000);
            return told;
        }""",
        scripts(page),
    )

    assert left == [60_000, 50_000, 30_000, 40_000, 0]


def test_a_screen_that_was_lit_twice_over_may_go_dark(page: Page) -> None:
    lit = page.evaluate(
        """async (folder) => {
            const held = new Set();
            const waiting = [];
            const request = () => new Promise((resolve) => waiting.push(() => {
                const lock = new EventTarget();
                lock.release = async () => { held.delete(lock); lock.dispatchEvent(new Event("release")); };
                held.add(lock);
                resolve(lock);
            }));
            Object.defineProperty(navigator, "wakeLock", { value: { request } });
            const { keepAwake } = await import(folder + "wakelock.js");
            const answered = async () => {
                waiting.splice(0).forEach((answer) => answer());
                await new Promise((done) => setTimeout(done));
                return held.size;
            };
            keepAwake(true);
            document.dispatchEvent(new Event("visibilitychange"));
            const told = [await answered()];
            keepAwake(false);
            told.push(await answered());
            keepAwake(true);
            keepAwake(false);
            told.push(await answered());
            return told;
        }""",
        scripts(page),
    )

    assert lit == [1, 0, 0]


@pytest.mark.parametrize("tag", ["en", "en-XA", "de", "es", "fr", "pt-BR", "ar", "fa", "hi"])
def test_the_phone_writes_sums_as_the_server_does_in_every_language(page: Page, tag: str) -> None:
    sums = [0, 5, 1_250, 123_456, 1_234_567_890]
    shown = page.evaluate(
        """async ([folder, tag, sums]) => {
            const { show } = await import(folder + "money.js");
            document.documentElement.lang = tag;
            return sums.map(show);
        }""",
        [scripts(page), tag, sums],
    )

    i18n.use(PSEUDO if tag == PSEUDO.tag else named(tag))
    try:
        assert shown == [i18n.sum_name(minor) for minor in sums]
    finally:
        i18n.use(i18n.ENGLISH)
