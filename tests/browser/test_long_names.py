"""Names and sums of any length, in any script, and letters twice as large stay on the screen and in their order."""

import itertools
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.counter import expect_paid, open_bill, pay, press, screen
from tests.browser.stage import PHONE, TABLET, Stage
from tests.browser.world import WAGE_MINOR, WAGE_MINUTES, Counter
from wallet.domain.payfile import PayfileLine
from wallet.services import histories, members, network, payruns, places
from wallet.store.places import Described

pytestmark = pytest.mark.browser

LONG = "Wohnungsbaugenossenschaften"
ENDLESS = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
HEBREW, HEBREW_COOP = "יעל כ.", "מאפיית העמק (מזרח)"
SMALL = {"width": 320, "height": 640}
LOWEST = {"width": 320, "height": 568}
THREE_CENTIMETRES = 96 / 2.54 * 3
MEMBERS_PAGES = (
    "/", "/share", "/statement", "/activity", "/install", "/dividend", "/dividend/basis", "/federation", "/places",
    "/growth",
)  # fmt: skip
SLUGS = (f"long{number}" for number in itertools.count(1))
# Where the first letter of the payer's name, the full stop at its end and the time begin.
PLACES = """() => {
  const line = document.querySelector(".result .lede"), words = line.firstChild;
  const left = (letter) => {
    const range = document.createRange(), at = words.data.indexOf(letter);
    range.setStart(words, at);
    range.setEnd(words, at + 1);
    return range.getBoundingClientRect().left;
  };
  return [left("י"), left("."), line.querySelector("time").getBoundingClientRect().left];
}"""


# Words of which a part stands in another line.
BROKEN_WORDS = """(parts) => parts.flatMap((part) => {
  const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.data.matchAll(/[\\p{L}\\d]+/gu)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map((line) => line.top)).size > 1) found.push(word);
    }
  }
  return found;
})"""


def counter_of(stage: Stage, name: str) -> Counter:
    """Admit a co-op of that name and open a counter of it."""
    slug = next(SLUGS)
    network.admit_coop(stage.world.kit, slug, 10_000_000, name=name)
    return stage.world.counter(slug)


def payer_called(stage: Stage, counter_name: str) -> str:
    """Let somebody join who is called so at counters; give the handle."""
    handle = f"noa{next(stage.world.numbers)}"
    members.join(stage.world.kit, "mill", handle, name=f"{counter_name} Levi"[:64], counter_name=counter_name)
    histories.pay(stage.world.kit, "mill", handle, WAGE_MINOR, WAGE_MINUTES, key=f"first pay of {handle}")
    return handle


def enlarge(page: Page, to: int = 32) -> None:
    """Choose larger letters, twice as large or of `to` pixels, as one does for the whole browser."""
    sizes = {"fontSizes": {"standard": to, "fixed": to}}
    page.context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    expect(page.locator("html")).to_have_css("font-size", f"{to}px")


def spills(page: Page) -> list[str]:
    """List what stands out of the page at its side."""
    return list(
        page.evaluate("""() => {
          const wide = document.scrollingElement.clientWidth;
          const whole = document.scrollingElement.scrollWidth;
          const parts = [...document.querySelectorAll(".payee *, .paid-head *, .sheet .sum, .register .sum, .claim *")];
          const out = parts.filter((part) => part.getBoundingClientRect().right > wide + 0.5);
          return [...(whole > wide ? [`page ${whole}`] : []), ...out.map((part) => part.outerHTML.slice(0, 120))];
        }""")
    )


@pytest.mark.parametrize("name", [LONG, ENDLESS])
def test_the_name_of_the_coop_is_whole_where_one_pays_it(stage: Stage, name: str) -> None:
    phone = open_bill(stage, stage.world.member(), stage.world.bill(counter_of(stage, name)).code)
    expect(phone.locator("#payee")).to_have_text(name)
    assert spills(phone) == []
    pay(phone)
    expect_paid(phone)
    assert spills(phone) == []


def test_the_sign_of_the_desk_keeps_its_size_beside_a_long_name(stage: Stage) -> None:
    network.admit_coop(stage.world.kit, slug := next(SLUGS), 0, name="Federation of the Upper and Lower Weir Valley")
    desk = stage.page(stage.world.steward(slug), viewport=TABLET)
    desk.goto(f"/office/{slug}")
    box = desk.locator(".brand svg").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (28, 28)


@pytest.mark.parametrize("name", [LONG, ENDLESS])
def test_the_whole_code_stands_on_the_sticker_of_a_counter_with_a_long_name(stage: Stage, name: str) -> None:
    counter = counter_of(stage, name)
    coop = counter.till.partition("-")[0]
    network.open_till(stage.world.kit, coop, f"{coop}-one", name)
    page = stage.page(counter.cashier, viewport=TABLET)
    page.goto(f"/tills/{coop}-one/sticker")
    sheet = page.locator(".a6")
    expect(sheet).to_contain_text(name)

    beyond = sheet.evaluate("(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]")
    assert beyond == [0, 0]
    code = sheet.locator(".qr").bounding_box()
    assert code
    assert min(code["width"], code["height"]) > THREE_CENTIMETRES


@pytest.mark.parametrize("height", [568, 640, 736, 740, 800])
def test_on_a_phone_the_whole_keypad_of_a_co_op_with_a_long_name_is_there_without_scrolling(
    stage: Stage, height: int
) -> None:
    counter = counter_of(stage, "Kneading Table Bakery")
    for amount_minor in (5_840, 1_880, 2_290):
        stage.world.sale(counter, stage.world.member(), amount_minor)
    till = stage.till(counter, viewport={"width": 360, "height": height})
    expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)

    # What was paid just now stands beside the bill in front for a while; here it is gone, until the till is read anew.
    long = """() => {
      document.querySelector(".parked").hidden = true;
      return document.scrollingElement.scrollHeight;
    }"""
    assert till.evaluate(long) == height


@pytest.mark.parametrize("size", [LOWEST, SMALL, {"width": 360, "height": 640}])
def test_the_longest_names_of_a_co_op_and_its_counter_leave_the_keypad_in_reach(
    stage: Stage, size: ViewportSize
) -> None:
    counter = counter_of(stage, ENDLESS)
    coop = counter.till.partition("-")[0]
    network.open_till(stage.world.kit, coop, f"{coop}-one", ENDLESS)
    till = stage.page(counter.cashier, viewport=size)
    till.goto(f"/tills/{coop}-one")
    expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)


def test_the_largest_sum_is_whole_on_the_sheet_of_a_small_phone(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), viewport=SMALL)
    phone.goto(f"/b/{stage.world.bill(stage.world.counter(), 999_999_999_999).code}")
    expect(phone.locator(".sheet .sum")).to_have_text("9,999,999,999.99 RES")
    assert spills(phone) == []


@pytest.mark.parametrize("parked", [(), (640, 2_315)], ids=["alone", "beside parked ones"])
def test_on_the_lowest_phone_what_ends_a_bill_that_waits_is_there_without_scrolling(
    stage: Stage, parked: tuple[int, ...]
) -> None:
    counter = counter_of(stage, "Kneading Table Bakery")
    for amount_minor in parked:
        stage.world.bill(counter, amount_minor)
    till = stage.till(counter, viewport=LOWEST)
    till.goto(f"{counter.path}?bill={stage.world.bill(counter, 123_450).code}")
    for name in ("Next sale", "Cancel this bill"):
        expect(screen(till, "waiting").get_by_text(name)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [LOWEST, PHONE, TABLET])
def test_the_tick_of_what_is_paid_stands_in_the_middle_of_its_disc(stage: Stage, size: ViewportSize) -> None:
    counter = stage.world.counter()
    bill = stage.world.bill(counter)
    stage.world.pay(bill.code, stage.world.member())
    till = stage.till(counter, viewport=size)
    till.goto(f"{counter.path}?bill={bill.code}")
    expect(screen(till, "paid")).to_be_attached()
    aside, room = till.locator(".tick").evaluate("""(disc) => {
      const [outer, inner] = [disc, disc.querySelector(".icon")].map((part) => part.getBoundingClientRect());
      const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
      return [Math.hypot(...middle(inner).map((at, axis) => at - middle(outer)[axis])), outer.width - inner.width];
    }""")
    assert aside < 1
    assert room > 0


@pytest.mark.parametrize("low", [LOWEST, {"width": 360, "height": 560}])
def test_a_large_sum_is_whole_above_the_keys_of_a_low_phone(stage: Stage, low: ViewportSize) -> None:
    till = stage.till(stage.world.counter(), viewport=low)
    press(till, *"1234567890")
    expect(till.locator("[data-sum]")).to_have_text("12,345,678.90 RES")
    # A sum is a block as wide as its column; what it says may be wider.
    assert till.locator("[data-sum]").evaluate("(sum) => sum.scrollWidth - sum.clientWidth") == 0
    assert spills(till) == []


def test_the_largest_sum_in_cash_is_in_one_piece_among_the_movements_of_a_small_phone(stage: Stage) -> None:
    payer = payer_called(stage, ENDLESS)
    counter = counter_of(stage, ENDLESS)
    # So much cash a steward alone may log.
    members.grant(stage.world.kit, counter.cashier, "steward", counter.till.partition("-")[0])
    stage.world.sale(counter, payer, 999_999_999_999, 999_999_999_999 - 2_000)
    phone = stage.page(payer, viewport=SMALL)
    phone.goto("/activity")
    number = phone.locator(".row .uncut", has_text="9,999,999,979.99")
    expect(number).to_be_visible()

    assert number.evaluate("(one) => one.getClientRects().length") == 1
    assert spills(phone) == []


def test_a_long_name_stays_on_the_card_of_who_confirms(stage: Stage) -> None:
    counter = stage.world.counter()
    bill = stage.world.bill(counter)
    stage.world.claim(bill.code, payer_called(stage, ENDLESS))
    till = stage.till(counter, viewport=PHONE)
    till.goto(f"{counter.path}?bill={bill.code}")
    card, name = till.locator(".claim").bounding_box(), till.locator(".claim .phrase").bounding_box()
    assert card
    assert name
    assert card["x"] <= name["x"]
    assert name["x"] + name["width"] <= card["x"] + card["width"]
    assert spills(till) == []


def test_a_name_from_right_to_left_leaves_the_time_behind_it(stage: Stage) -> None:
    counter, payer = stage.world.counter(), payer_called(stage, HEBREW)
    bill = stage.world.bill(counter)
    till = stage.till(counter)
    till.clock.install()
    till.goto(f"{counter.path}?bill={bill.code}")
    stage.world.claim(bill.code, payer)
    expect(till.locator("#said")).to_contain_text(f"\u2068{HEBREW}\u2069 has opened the bill")
    stage.world.pay(bill.code, payer)
    expect(screen(till, "paid")).to_be_attached()
    name, stop, time = till.evaluate(PLACES)
    assert stop < name < time


def test_a_chip_and_a_movement_set_such_a_name_apart(stage: Stage) -> None:
    counter, payer = counter_of(stage, HEBREW_COOP), payer_called(stage, HEBREW)
    stage.world.claim(stage.world.bill(counter).code, payer)
    stage.world.sale(counter, payer, 430)
    till = stage.till(counter)
    expect(till.locator(".parked .what").first).to_contain_text(f"\u2068{HEBREW}\u2069 is confirming")
    expect(till.locator("h1")).to_contain_text(f"\u2068{HEBREW_COOP}\u2069, Counter")
    phone = stage.page(payer)
    phone.goto("/activity")
    expect(phone.locator(".row .who").first).to_have_text(f"\u2068{HEBREW_COOP}\u2069")


def test_with_letters_twice_as_large_nothing_stands_out_at_the_side(stage: Stage) -> None:
    counter, payer = stage.world.counter(), stage.world.member()
    stage.world.sale(counter, payer, 430)
    steward, run = stage.world.pay_run()
    wide = []
    for handle, paths in ((payer, MEMBERS_PAGES), (steward, (run,)), (counter.cashier, (counter.path,))):
        page = stage.page(handle, viewport=SMALL)
        page.goto(paths[0])
        enlarge(page)
        for path in paths:
            page.goto(path)
            for width in (390, 320):
                page.set_viewport_size({"width": width, "height": 844})
                found = page.evaluate("() => document.scrollingElement.scrollWidth")
                wide += [f"{path} {found}"] if found > width else []
    assert wide == []


def test_with_letters_twice_as_large_no_word_is_broken_and_no_key_runs_over_the_next(stage: Stage) -> None:
    counter, payer = stage.world.counter(), stage.world.member()
    stage.world.sale(counter, payer, 430)
    pages = [stage.page(handle, viewport=SMALL) for handle in (payer, counter.cashier)]
    for page in pages:
        page.goto("/")
        enlarge(page)
    phone, till = pages
    broken = []
    for width in (320, 360):
        for page in pages:
            page.set_viewport_size({"width": width, "height": 740})
        for path, parts in (("/activity", ".tabs a"), ("/code", ".dock .button"), ("/share", ".share-card li span")):
            phone.goto(path)
            broken += [f"{width} {path} {word}" for word in phone.locator(parts).evaluate_all(BROKEN_WORDS)]
        phone.goto("/activity")
        phone.locator(".card-head .muted").first.evaluate("(sum) => { sum.textContent = '19,769.80 counted'; }")
        broken += [f"{width} {spill}" for spill in spills(phone)]
        till.goto(counter.path)
        broken += till.locator(".key-button").evaluate_all(
            "(keys) => keys.filter((key) => key.scrollWidth > key.offsetWidth).map((key) => key.textContent)"
        )
    assert broken == []


def test_with_letters_twice_as_large_no_word_of_who_is_paid_on_home_is_broken(stage: Stage) -> None:
    member = stage.world.member()
    stage.world.claim(stage.world.bill(stage.world.counter()).code, member)
    phone = stage.page(member)
    phone.goto("/")
    enlarge(phone)

    assert phone.locator(".bill .payee").evaluate_all(BROKEN_WORDS) == []


def test_with_letters_twice_as_large_the_sum_on_a_button_that_pays_is_whole(stage: Stage) -> None:
    member, steward = stage.world.member(), stage.world.steward("mill")
    code = stage.world.bill(stage.world.counter(), 12_000).code
    stage.world.claim(code, member)
    broken = []
    for handle, paths in ((member, ("/", f"/b/{code}")), (steward, (f"/office/mill/bills/{code}",))):
        phone = stage.page(handle)
        phone.goto("/")
        enlarge(phone)
        for path in paths:
            phone.goto(path)
            button = phone.locator('.button[data-size="pay"]', has_text="Pay 120.00 RES").first
            expect(button).to_be_visible()
            broken += [f"{path} {word}" for word in button.evaluate_all(BROKEN_WORDS)]
    assert broken == []


def test_with_letters_twice_as_large_no_word_of_what_each_needs_is_broken(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/growth")
    enlarge(phone)

    assert phone.locator(".needs > li").evaluate_all(BROKEN_WORDS) == []


def test_at_four_times_its_size_the_button_of_a_till_s_camera_is_whole(stage: Stage) -> None:
    till = stage.till(stage.world.counter(), viewport={"width": 320, "height": 256})
    press(till, "1")
    till.locator("[data-scan]").click()
    button = till.get_by_role("button", name="Use the camera")
    expect(button).to_be_visible()

    assert button.evaluate("(button) => button.scrollWidth - button.clientWidth") == 0


def test_with_letters_twice_as_large_the_sum_on_the_keypad_is_larger_than_its_unit(stage: Stage) -> None:
    till = stage.till(stage.world.counter(), viewport=SMALL)
    enlarge(till)
    press(till, *"123450")
    for size in (SMALL, PHONE):
        till.set_viewport_size(size)
        digits, unit = till.locator("[data-sum]").evaluate(
            "(sum) => [sum, sum.querySelector('.unit')].map((part) => parseFloat(getComputedStyle(part).fontSize))"
        )
        assert digits > unit, size


@pytest.mark.parametrize("address", ["/office/{coop}", "/office/{coop}/counter", "/activity?coop={coop}", "/statement"])
def test_a_name_without_a_gap_is_broken_before_it_runs_out_of_the_page(stage: Stage, address: str) -> None:
    counter = counter_of(stage, ENDLESS)
    coop = counter.till.partition("-")[0]
    network.open_till(stage.world.kit, coop, f"{coop}-one", ENDLESS)
    members.grant(stage.world.kit, counter.cashier, "steward", coop)
    payer = stage.world.member()
    stage.world.sale(counter, payer, 430)
    page = stage.page(counter.cashier if "office" in address else payer)
    for size in (SMALL, PHONE, TABLET):
        page.set_viewport_size(size)
        page.goto(address.format(coop=coop))
        assert spills(page) == [], size


def test_a_name_without_a_gap_stays_on_the_field_that_says_paid(stage: Stage) -> None:
    counter = stage.world.counter()
    bill = stage.world.bill(counter)
    stage.world.pay(bill.code, payer_called(stage, ENDLESS))
    till = stage.till(counter, viewport=PHONE)
    till.goto(f"{counter.path}?bill={bill.code}")
    expect(screen(till, "paid")).to_be_attached()
    for size in (PHONE, SMALL):
        till.set_viewport_size(size)
        assert spills(till) == [], size


def test_a_name_without_a_gap_stays_among_what_is_worth_a_look_in_a_run(stage: Stage) -> None:
    steward, run = stage.world.pay_run()
    handle = f"noa{next(stage.world.numbers)}"
    members.join(stage.world.kit, "clinic", handle, name=ENDLESS)
    due = PayfileLine(0, handle, "", WAGE_MINUTES, WAGE_MINOR, 0)
    payruns.fill(stage.world.kit, steward, "clinic", int(run.rsplit("/", 1)[1]), 2, [due])
    desk = stage.page(steward)
    for size in ({"width": 1280, "height": 800}, TABLET, SMALL):
        desk.set_viewport_size(size)
        desk.goto(run)
        expect(desk.locator(".looks")).to_contain_text(ENDLESS)
        assert spills(desk) == [], size


@pytest.mark.parametrize("size", [(844, 390), (320, 256)])
def test_with_letters_twice_as_large_the_sheet_of_a_filter_can_be_read_to_its_end(
    stage: Stage, size: tuple[int, int]
) -> None:
    payer = stage.world.member()
    stage.world.sale(stage.world.counter(), payer, 430)
    phone = stage.page(payer, viewport={"width": size[0], "height": size[1]})
    phone.goto("/activity")
    enlarge(phone)
    phone.get_by_role("button", name="Filter").click()
    sheet = phone.locator("#narrow")
    expect(sheet).to_be_in_viewport(ratio=1)

    for part in ("h2", "button"):
        sheet.locator(part).scroll_into_view_if_needed()
        expect(sheet.locator(part)).to_be_in_viewport(ratio=1)


def test_with_letters_twice_as_large_the_dock_leaves_the_page_its_room(stage: Stage) -> None:
    page = stage.page(stage.world.member(), viewport={"width": 390, "height": 844})
    page.goto("/")
    dock = page.locator(".dock")
    expect(dock).to_have_css("position", "sticky")
    enlarge(page)
    expect(dock).to_have_css("position", "static")


def test_on_a_phone_on_its_side_the_name_the_sum_and_the_button_are_in_sight(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), viewport={"width": 844, "height": 390})
    phone.goto(f"/b/{stage.world.bill(stage.world.counter(), cash_minor=400).code}")
    for part in ("#payee", ".sheet .sum", 'form[data-act="pay"] .button'):
        expect(phone.locator(part)).to_be_in_viewport(ratio=1)
    pay(phone)
    expect_paid(phone)


def test_with_letters_twice_as_large_no_figure_is_broken_within_itself(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), viewport={"width": 360, "height": 740})
    phone.goto("/")
    enlarge(phone)
    broken = []
    for path in ("/share?of=next", "/dividend/pyramid"):
        phone.goto(path)
        for details in phone.locator("summary:visible").all():
            details.click()
        found = phone.evaluate("""() => [...document.querySelectorAll(".fraction .sum, .plain-table td")]
          .filter((figure) => {
            const range = document.createRange();
            range.selectNodeContents(figure);
            return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
          }).map((figure) => figure.textContent)""")
        broken += [f"{path} {figure}" for figure in found]
    assert broken == []


def test_tabs_with_longer_words_do_not_run_into_each_other(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), viewport=SMALL)
    phone.goto("/activity")
    words = ["Startbildschirm", "Bewegungsliste", "Entgeltanteil", "Zahlungscode", "Einstellungen"]
    for tab, word in zip(phone.locator(".tabs a").all(), words, strict=True):
        tab.evaluate("(tab, word) => tab.lastChild.replaceWith(word)", word)

    outside = phone.evaluate("""() => [...document.querySelectorAll(".tabs a")].filter((tab) => {
      const range = document.createRange(), place = tab.getBoundingClientRect();
      range.selectNodeContents(tab);
      const word = range.getBoundingClientRect();
      return word.left < place.left - 1 || word.right > place.right + 1;
    }).map((tab) => tab.textContent)""")
    assert outside == []


def test_the_side_list_of_a_desk_keeps_longer_words_to_itself(stage: Stage) -> None:
    desk = stage.page(stage.world.steward(), viewport=TABLET)
    desk.goto("/office/bakery/counter")
    here = desk.locator(".side [aria-current]")
    here.evaluate("(one) => one.lastChild.replaceWith('Am Verkaufstresen der Genossenschaft')")

    side, link = desk.locator(".side").bounding_box(), here.bounding_box()
    assert side
    assert link
    assert link["x"] + link["width"] < side["x"] + side["width"]
    assert here.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0


def test_on_a_small_phone_what_is_typed_for_a_pay_run_begins_at_one_edge(stage: Stage) -> None:
    steward, run = stage.world.pay_run()
    desk = stage.page(steward, viewport=SMALL)
    desk.goto(f"{run}/lines")
    fields = desk.locator(".table td .input")
    expect(fields.first).to_be_visible()
    assert len(set(fields.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().left)"))) == 1


def test_on_a_small_phone_a_figure_stays_in_its_table_beside_a_longer_word(stage: Stage) -> None:
    stage.world.sale(stage.world.counter(), stage.world.member(), 430)
    desk = stage.page(stage.world.steward(), viewport=SMALL)
    year = datetime.now(UTC).year
    desk.goto(f"/office/bakery/accounts?first={year}-01-01&last={year}-12-31")
    figures = desk.locator(".table td.number")
    beyond = figures.evaluate_all("""(all) => all.map((one) => {
      one.dataset.label = "Vor dem Zeitraum, insgesamt";
      one.lastChild.replaceWith("100,000,000.00");
      return one.scrollWidth - one.clientWidth;
    })""")
    assert beyond
    assert set(beyond) == {0}


def test_on_a_small_phone_what_stands_beside_a_name_goes_below_before_the_name_is_broken(stage: Stage) -> None:
    counter = counter_of(stage, "Clearwater Kneading")
    payer = stage.world.member()
    stage.world.refund(counter, stage.world.sale(counter, payer, 620), 620)
    phone = stage.page(payer, viewport=SMALL)
    phone.goto("/activity")

    names = phone.locator(".row .who", has_text="Clearwater Kneading")
    expect(names).to_have_count(2)
    lines = names.evaluate_all("""(names) => names.map((name) => {
      const range = document.createRange();
      range.setStart(name.firstChild, 0);
      range.setEnd(name.firstChild, "Clearwater".length);
      return range.getClientRects().length;
    })""")
    assert lines == [1, 1]


def test_a_long_word_is_whole_because_the_sum_beside_it_goes_below(stage: Stage) -> None:
    counter = counter_of(stage, "Nachbarschaftsladen am Wehr")
    payer = stage.world.member()
    stage.world.sale(counter, payer, 23_000)
    phone = stage.page(payer, viewport=PHONE)
    phone.goto("/activity")

    name = phone.locator(".row .who", has_text="am Wehr")
    expect(name).to_be_visible()
    assert name.evaluate_all(BROKEN_WORDS) == []


def test_the_sum_of_a_bill_that_waits_is_never_broken(stage: Stage) -> None:
    counter = stage.world.counter()
    for amount_minor in (1_234_567_890, 99_999_999, 12_345_678):
        stage.world.bill(counter, amount_minor)
    till = stage.till(counter)
    till.goto(f"{counter.path}?bill={stage.world.bill(counter, 430).code}")
    expect(till.locator(".parked .sum")).to_have_count(3)
    for size in (TABLET, PHONE, SMALL):
        till.set_viewport_size(size)
        found = till.locator(".parked .sum").evaluate_all("""(sums) => sums.map((sum) => {
          const range = document.createRange();
          range.selectNodeContents(sum);
          const [inner, outer] = [range, sum.closest("a")].map((part) => part.getBoundingClientRect().right);
          return [range.getClientRects().length, inner > outer];
        })""")
        assert found == [[1, False]] * 3, size


def test_the_figures_of_growth_stand_on_one_line_below_labels_of_one_line_or_two(stage: Stage) -> None:
    page = stage.page(stage.world.member(), viewport={"width": 768, "height": 1024})
    page.goto("/growth")
    figures = page.locator(".stat dd")
    expect(figures).to_have_count(4)
    assert len(set(figures.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().top)"))) == 1


def test_places_and_growth_hold_what_a_co_op_calls_itself_and_the_most_it_can_own(fresh_stage: Stage) -> None:
    kit, coops = fresh_stage.world.kit, {}
    for name in (LONG, ENDLESS):
        coop = coops[name] = counter_of(fresh_stage, name).till.partition("-")[0]
        places.describe(kit, coop, Described(ENDLESS, LONG, ENDLESS, "food"))
        histories.declare(kit, coop, 999_999_999_999, date(2026, 11, 1))
    member = fresh_stage.world.member()
    for large in (False, True):
        phone = fresh_stage.page(member, viewport=SMALL)
        if large:
            enlarge(phone)
        for name, coop in coops.items():
            for address in ("/places", f"/places/{coop}", "/growth"):
                phone.goto(address)
                expect(phone.get_by_text(name).first).to_be_visible()
                assert spills(phone) == [], address
