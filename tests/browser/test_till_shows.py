"""The till shows a bill, the member pays: scanned in the app, opened by the phone's own camera, or typed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import camera
from tests.browser.counter import charge, expect_paid, link_on, open_bill, pay, press, screen, shown_code, words_of
from tests.browser.stage import TABLET, Stage
from tests.browser.world import bills_of

pytestmark = pytest.mark.browser


def test_a_member_scans_the_till_and_both_screens_say_paid_with_the_same_words(either_stage: Stage) -> None:
    counter, ana = either_stage.world.counter(), either_stage.world.member()
    till = either_stage.till(counter)
    charge(till)

    phone = either_stage.page(ana, sees=shown_code(till))
    phone.goto("/")
    phone.get_by_role("link", name="Pay", exact=True).click()
    expect(phone.get_by_role("heading", level=1, name="Kneading Table Bakery")).to_be_visible()
    expect(phone.locator("dl.facts")).to_contain_text("227.50 RES")
    expect(phone.locator("dl.facts")).to_contain_text("counts, 12.50")
    expect(till.locator(".claim")).to_contain_text("Ana")
    expect(till.locator(".claim")).to_contain_text("is confirming")

    phone.get_by_role("button", name="Pay 12.50 RES").click()
    # The till first, here as below: its paid screen goes by itself.
    expect(screen(till, "paid")).to_be_attached()
    expect(till.locator("main.result")).to_contain_text("12.50 RES")
    expect(till.locator("main.result .lede")).to_contain_text("Ana")
    words = words_of(till)
    expect_paid(phone)
    assert words_of(phone) == words
    expect(phone.get_by_text("It counts.")).to_be_visible()


def test_the_till_says_so_when_a_purchase_at_the_own_co_op_does_not_count(stage: Stage) -> None:
    counter, eve = stage.world.counter("bakery"), stage.world.member("Eve Sato", coop="bakery")
    till = stage.till(counter)
    phone = open_bill(stage, eve, charge(till))
    expect(phone.get_by_text("You work here.")).to_be_visible()
    pay(phone)
    expect(screen(till, "paid")).to_contain_text("does not count")
    expect_paid(phone)
    expect(phone.get_by_text("Your own co-op.")).to_be_visible()


def test_the_code_on_the_till_decodes_to_the_bills_link_also_in_the_dark(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till)
    assert link_on(till) == f"{stage.world.origin}/b/{code}"
    till.emulate_media(color_scheme="dark")
    assert link_on(till) == f"{stage.world.origin}/b/{code}"


def test_a_sum_can_be_typed_on_a_real_keyboard_and_paid_by_the_typed_code(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, "1", "2", "5", "9", "Backspace", "0")
    expect(till.locator("[data-sum]")).to_have_text("12.50 RES")
    press(till, "Enter")
    expect(screen(till, "waiting")).to_be_attached()
    spelled = till.locator("main .spelled").inner_text()

    phone = stage.page(stage.world.member())
    phone.goto("/pay")
    phone.get_by_label("Eight characters beside the code").fill(spelled.lower())
    phone.get_by_role("button", name="Show the bill").click()
    pay(phone)
    expect(screen(till, "paid")).to_be_attached()
    words = words_of(till)
    # The next digit begins the next sale, and is not lost.
    press(till, "7")
    expect(screen(till, "register")).to_be_attached()
    expect(till.locator("[data-sum]")).to_have_text("0.07 RES")

    expect_paid(phone)
    assert words_of(phone) == words


def test_a_stranger_who_scans_with_the_phones_own_camera_signs_in_and_pays_right_there(stage: Stage) -> None:
    ana, till = stage.world.member("Anouk Bisset"), stage.till(stage.world.counter())
    charge(till)
    phone = stage.page()
    phone.goto(link_on(till))
    expect(phone.get_by_role("heading", level=1, name="Kneading Table Bakery")).to_be_visible()
    phone.get_by_role("link", name="Sign in to pay").click()
    phone.locator(f'form:has(input[value="{ana}"]) button').click()
    pay(phone)
    expect(screen(till, "paid")).to_be_attached()
    expect_paid(phone)


def test_sums_add_up_and_a_part_is_taken_in_cash(stage: Stage) -> None:
    ana, till = stage.world.member(), stage.till(stage.world.counter())
    press(till, *"1000", "+", *"250")
    expect(till.locator("[data-adder]")).to_have_text("10.00 + 2.50")
    till.locator('[data-key="cash"]').click()
    press(till, *"500")
    expect(till.locator("[data-charge-button]")).to_have_text("Charge 7.50 RES")
    press(till, "Enter")
    expect(screen(till, "waiting")).to_contain_text("and 5.00 in cash, 12.50 in all")
    phone = stage.page(ana)
    phone.goto(link_on(till))
    expect(phone.locator("dl.facts")).to_contain_text("counts, 12.50")
    pay(phone)
    expect(screen(till, "paid")).to_contain_text("7.50 RES")
    expect_paid(phone)
    expect(phone.locator("dl.facts, main")).to_contain_text("5.00 in cash")


def test_no_sum_grows_above_the_largest_and_nothing_is_added_to_nothing(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    charge_button, adder = till.locator("[data-charge-button]"), till.locator("[data-adder]")

    press(till, "+", *"9999999999999")
    expect(charge_button).to_have_text("Charge 9,999,999,999.99 RES")
    expect(adder).to_have_text("")
    press(till, "+", "5")
    expect(charge_button).to_have_text("Charge 9,999,999,999.99 RES")


def test_enter_on_what_acts_by_itself_charges_nothing(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    press(till, *"1250")

    till.locator("summary", has_text="Reference").focus()
    press(till, "Enter")

    expect(till.get_by_label("Your own reference")).to_be_visible()
    assert bills_of(stage.world, counter) == []


def test_on_a_tablet_what_is_said_leaves_the_last_five_payments_in_sight_and_a_reference_two(stage: Stage) -> None:
    counter = stage.world.counter()
    for amount_minor in (5_840, 1_880, 2_290, 640, 310):
        stage.world.sale(counter, stage.world.member(), amount_minor)
    till = stage.till(counter)
    heading, shown = till.get_by_role("heading", name="Last five payments"), till.locator(".last-five li:visible")

    press(till, "Enter")
    expect(till.locator("[data-trouble]")).to_contain_text("Type a sum first")
    expect(heading).to_be_visible()
    expect(shown).to_have_count(5)

    till.locator("summary", has_text="Reference").click()
    expect(heading).to_be_visible()
    expect(shown).to_have_count(2)
    assert till.evaluate("() => document.scrollingElement.scrollHeight") == TABLET["height"]


def test_a_sum_that_comes_back_with_a_form_is_the_one_that_was_sent(stage: Stage) -> None:
    till = stage.till(stage.world.counter())

    with till.expect_navigation():
        till.locator("wallet-keypad form").evaluate(
            "(form) => { form.amount.value = '12.5'; form.cash.value = 'some'; form.submit(); }"
        )

    expect(till.get_by_role("alert").first).to_be_visible()
    expect(till.locator("[data-sum]")).to_have_text("12.50 RES")


def test_a_strange_code_is_refused_in_words_and_never_opened(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=camera.code_of("https://wa11et.example/b/7K3MQ2XA"))
    elsewhere = strangers_asked(phone, stage.world.origin)
    phone.goto("/pay")
    expect(phone.get_by_role("alert").filter(has_text="Not a code of this federation")).to_be_visible()
    expect(phone.get_by_text("we did not open it")).to_be_visible()
    assert phone.url == f"{stage.world.origin}/pay"
    assert elsewhere == []


def test_a_members_code_before_the_members_camera_is_called_another_kind_of_code(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), sees=camera.code_of(f"{stage.world.origin}/m/{'A' * 31}"))
    phone.goto("/pay")
    expect(phone.get_by_role("alert").filter(has_text="Another kind of code")).to_contain_text("not one to pay by")
    assert phone.url == f"{stage.world.origin}/pay"


def strangers_asked(page: Page, origin: str) -> list[str]:
    """Collect every address that the page asks for outside `origin`."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith(origin) else None)
    return asked


def test_the_keys_stand_as_on_every_keypad_where_a_language_runs_from_right_to_left(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    till.evaluate("document.documentElement.dir = 'rtl'")

    row = [till.locator(f'[data-key="{key}"]').bounding_box() for key in ("1", "2", "3", "back")]
    places = [box["x"] for box in row if box]
    assert places == sorted(places)
    assert len(set(places)) == len(row)
