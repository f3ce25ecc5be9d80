"""Every screen of the wallet: how one gets there, and what must be on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser import polls, suspended, tillday
from tests.browser.counter import expect_paid, open_bill, pay, press, screen
from tests.browser.stage import TABLET, Stage
from tests.browser.tablet import fresh, registered, unlocked
from tests.browser.world import Counter, World
from tests.web.phone import MemberPhone
from wallet.services import counter as settled
from wallet.services import disputes, gifts, members, refunds, scans
from wallet.services.gifts import Gift


@dataclass(frozen=True, slots=True)
class Cast:
    """Name those whom the screens show: who pays, who works at the co-op that is paid, who has just come."""

    payer: str
    colleague: str
    newcomer: str
    counter: Counter
    receipt: str

    @property
    def cashier(self) -> str:
        """Name who works at the counter."""
        return self.counter.cashier


def cast_for(world: World, payer: str | None = None) -> Cast:
    """Gather the cast; the payer has bought at the counter before."""
    counter, payer = world.counter(), payer or world.member("Ana Moreau")
    receipts = [world.sale(counter, payer, amount) for amount in (430, 1_895, 275, 760, 3_120)]
    return Cast(
        payer, world.member("Eve Sato", coop="bakery"), world.member("Mia Lang", paid=False), counter, receipts[-1]
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """Describe a screen: its heading, its primary action and a row of data as selectors; whether tills show it."""

    name: str
    opens: Callable[[Stage, Cast], Page]
    heading: str
    action: str
    row: str | None = None
    till: bool = False


def at(path: str, who: str | None = "payer", **options: object) -> Callable[[Stage, Cast], Page]:
    """Go straight to `path` (which may name {receipt} or {till}) as one of the cast."""

    def opened(stage: Stage, cast: Cast) -> Page:
        page = stage.page(getattr(cast, who) if who else None, **options)
        page.goto(path.format(receipt=cast.receipt, till=cast.counter.till))
        return page

    return opened


def billed(
    who: str | None = "payer", *, sum_minor: int = 1_250, cash_minor: int = 0, left: int = 180
) -> Callable[[Stage, Cast], Page]:
    """Open a new bill on a phone."""

    def opened(stage: Stage, cast: Cast) -> Page:
        bill = stage.world.bill(stage.world.counter(), sum_minor, cash_minor=cash_minor, left=left)
        return open_bill(stage, getattr(cast, who) if who else None, bill.code)

    return opened


def paid(stage: Stage, cast: Cast) -> Page:
    """Pay a bill and see the courtesy screen."""
    page = billed()(stage, cast)
    pay(page)
    expect_paid(page)
    return page


def mistyped(stage: Stage, cast: Cast) -> Page:
    """Type a code that is none."""
    page = at("/pay")(stage, cast)
    page.locator("#code").fill("12")
    page.locator("form .button").click()
    expect(page.get_by_text("That is not a till’s code")).to_be_visible()
    return page


def sheet(stage: Stage, cast: Cast) -> Page:
    """Look for the movements of a co-op and a month."""
    page = at("/activity")(stage, cast)
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def coded(stage: Stage, cast: Cast) -> Page:
    """Enrol the phone and show its code."""
    page = at("/code")(stage, cast)
    page.locator('[data-act="enrol"]').click()
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


def frozen(stage: Stage, cast: Cast) -> Page:
    """Freeze one's codes."""
    page = coded(stage, replace(cast, payer=stage.world.member("Lin Otis")))
    page.locator("summary").click()
    page.locator('form[action="/code/freeze"] .button').click()
    return page


def cut_off(stage: Stage, cast: Cast) -> Page:
    """Have a code and a balance, and no network."""
    page = coded(stage, cast)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto("/")
    page.context.set_offline(True)
    page.goto("/code")
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


def keypad(stage: Stage, cast: Cast) -> Page:
    """Have typed a sum."""
    till = stage.till(cast.counter)
    press(till, *"800", "+", *"450")
    return till


def refused(stage: Stage, cast: Cast) -> Page:
    """Have pressed Charge with nothing typed."""
    till = stage.till(cast.counter)
    till.locator("[data-charge-button]").click()
    expect(till.locator("[data-trouble]")).to_be_visible()
    return till


def camera(stage: Stage, cast: Cast) -> Page:
    """Have the scanner open at a till without a camera."""
    till = keypad(stage, cast)
    till.locator("[data-scan]").click()
    expect(till.locator("dialog wallet-scanner")).to_be_visible()
    return till


def waiting(*, claimed_by: str | None = None, cash_minor: int = 0) -> Callable[[Stage, Cast], Page]:
    """Have a bill out, with two more parked beside it when nobody looks at it yet."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter = stage.world.counter()
        for amount in (640, 2_315) if claimed_by is None else ():
            stage.world.bill(counter, amount, left=100)
        bill = stage.world.bill(counter, cash_minor=cash_minor)
        if claimed_by is not None:
            stage.world.claim(bill.code, getattr(cast, claimed_by))
        till = stage.till(counter)
        till.goto(f"{counter.path}?bill={bill.code}")
        return till

    return opened


def green(stage: Stage, cast: Cast) -> Page:
    """Have just been paid."""
    counter = stage.world.counter()
    stage.world.sale(counter, cast.payer, 240)
    bill = stage.world.bill(counter)
    till = stage.till(counter)
    # The field goes back to the keypad after six seconds; here it stands still.
    till.clock.install()
    till.goto(f"{counter.path}?bill={bill.code}")
    stage.world.pay(bill.code, cast.payer)
    expect(screen(till, "paid")).to_be_attached()
    return till


def taking_less(stage: Stage, cast: Cast) -> Page:
    """Have agreed to be paid in RES, and chosen to take less of it."""
    member = replace(cast, payer=stage.world.member("Tomasz Wolak"))
    page = at("/agreement")(stage, member)
    page.locator('.dock [form="yes"]').click()
    page.goto("/share/less")
    page.locator("#most").fill("5")
    page.locator("#less .button").click()
    expect(page.get_by_text("you take at most")).to_be_visible()
    page.goto("/share/less")
    return page


def slip(stage: Stage, cast: Cast) -> Page:
    """Open the newest pay slip."""
    page = at("/slips")(stage, cast)
    page.locator("ul.rows a").first.click()
    expect(page.locator("#why")).to_be_visible()
    return page


def pay_run(stage: Stage, _cast: Cast) -> Page:
    """Look at a draft of a co-op's pay."""
    steward, path = stage.world.pay_run()
    page = stage.page(steward)
    page.goto(path)
    return page


def raised(stage: Stage, cast: Cast) -> Page:
    """Have raised one limit and lowered another."""
    page = at("/you/limits", "colleague")(stage, cast)
    page.locator("#phone_payment").fill("80")
    page.locator("#code_day").fill("100,50")
    page.locator(".dock .button").click()
    expect(page.get_by_text("A higher limit waits")).to_be_visible()
    return page


def dividend(stage: Stage, cast: Cast) -> Page:
    """Have been paid a dividend, and look at the statement."""
    run = stage.world.dividend(cast.payer)
    return at(f"/dividend/{run}")(stage, cast)


def over(stage: Stage, cast: Cast) -> Page:
    """Have a bill that ran out."""
    counter = stage.world.counter()
    bill = stage.world.bill(counter, left=0)
    till = stage.till(counter)
    till.goto(f"{counter.path}?bill={bill.code}")
    return till


def signed_out(stage: Stage, _cast: Cast) -> Page:
    """Look at a till whose cashier is signed out while a bill waits."""
    counter = stage.world.counter()
    page = stage.page(viewport=TABLET)
    page.goto(f"{counter.path}?bill={stage.world.bill(counter).code}")
    return page


def unpaired(stage: Stage, _cast: Cast) -> Page:
    """Have a device show the code by which a steward registers it."""
    return fresh(stage)


def locked(stage: Stage, _cast: Cast) -> Page:
    """Have a registered tablet at which nobody works."""
    return registered(stage, stage.world.counter(), stage.world.steward())


def vouching(stage: Stage, cast: Cast) -> Page:
    """Look at a tablet's code on a cashier's phone."""
    counter = stage.world.counter()
    device = registered(stage, counter, stage.world.steward())
    device.get_by_role("button", name="Unlock").click()
    phone = stage.page(counter.cashier)
    phone.goto(f"/pair/{device.locator('wallet-pairing[data-code]').get_attribute('data-code')}")
    return phone


def on_tablet(stage: Stage, _cast: Cast) -> Page:
    """Work at a tablet."""
    counter = stage.world.counter()
    return unlocked(stage, registered(stage, counter, stage.world.steward()), counter.cashier)


def cut_off_tablet(stage: Stage, cast: Cast) -> Page:
    """Have checked a payment on a tablet without a network."""
    counter = stage.world.counter()
    device = registered(stage, counter, stage.world.steward())
    with device.expect_response(lambda answer: answer.url.endswith(f"{counter.path}/key")):
        unlocked(stage, device, counter.cashier)
    phone = open_bill(stage, cast.payer, stage.world.bill(counter).code)
    pay(phone)
    expect_paid(phone)
    digits = phone.locator("[data-digits]").inner_text()
    device.goto("/outage")
    device.locator("#sum").fill("12.50")
    device.locator("#digits").fill(digits)
    device.locator("form .button").click()
    expect(device.get_by_role("heading", name="Paid: 12.50 RES")).to_be_visible()
    return device


def tablets_desk(stage: Stage, _cast: Cast) -> Page:
    """Look at a co-op's tablets as its steward."""
    steward = stage.world.steward()
    registered(stage, stage.world.counter(), steward)
    desk = stage.page(steward)
    desk.goto("/office/bakery/tablets")
    return desk


def sending(step: str, amount: str = "12.50") -> Callable[[Stage, Cast], Page]:
    """Be about to send RES to somebody to whom one sent before: choosing, asked how much, asked whether."""

    def opened(stage: Stage, cast: Cast) -> Page:
        gifts.give(stage.world.kit, cast.payer, Gift(cast.newcomer, False, 100, "for soup", str(uuid4())), confirm=True)
        page = at("/send" if step == "choose" else f"/send/{cast.newcomer}")(stage, cast)
        if step == "sure":
            page.locator("#amount").fill(amount)
            page.locator("#note").fill("soup and bread")
            page.locator(".dock .button").click()
            expect(page.locator("main.sheet")).to_be_visible()
        return page

    return opened


def receiving(stage: Stage, cast: Cast) -> Page:
    """Show the code by which others find one."""
    page = at("/receive")(stage, cast)
    page.locator(".dock .button").click()
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


def noticed(stage: Stage, cast: Cast) -> Page:
    """Have received something and read of it."""
    newcomer = stage.world.member("Tom Berg")
    gifts.give(stage.world.kit, cast.payer, Gift(newcomer, False, 250, "", str(uuid4())), confirm=True)
    page = at("/notices", "payer")(stage, replace(cast, payer=newcomer))
    expect(page.locator("ul.rows li")).to_have_count(1)
    return page


def refunded(stage: Stage, cast: Cast) -> Page:
    """Have given a part back: the cashier reads the sale's story."""
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, cast.payer, 1_250)
    stage.world.refund(counter, receipt, 300)
    page = stage.page(counter.cashier)
    page.goto(f"/receipts/{receipt}")
    return page


def asked_to_approve(who: str, *, ends: str = "waiting") -> Callable[[Stage, Cast], Page]:
    """Have a refund above the till's limit in hand, as its cashier or as the steward."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter = stage.world.counter()
        members.grant(stage.world.kit, cast.colleague, "steward", "bakery")
        code = stage.world.bill(counter, 12_400, cash_minor=12_000).code
        refund = stage.world.refund(counter, stage.world.pay(code, stage.world.member("Cy Okafor")), 400, 12_000)
        if ends == "posted":
            refunds.approve(stage.world.kit, refund, cast.colleague)
        elif ends == "declined":
            refunds.decline(stage.world.kit, refund, cast.colleague, "Ask Cy for the bread first")
        page = stage.page(counter.cashier if who == "cashier" else cast.colleague)
        page.goto("/" if ends == "home" else f"/refunds/{refund}")
        return page

    return opened


def refund_beside(stage: Stage, cast: Cast) -> Page:
    """Have one refund that waits for a steward and one that was declined beside the keypad."""
    counter = stage.world.counter()
    members.grant(stage.world.kit, cast.colleague, "steward", "bakery")
    code = stage.world.bill(counter, 16_400, cash_minor=16_000).code
    receipt = stage.world.pay(code, stage.world.member("Cy Okafor"))
    declined = stage.world.refund(counter, receipt, 400, 12_000)
    refunds.decline(stage.world.kit, declined, cast.colleague, "Ask Cy for the bread first")
    stage.world.refund(counter, receipt, 0, 11_050)
    return stage.till(counter)


def wrong(stage: Stage, cast: Cast) -> Page:
    """Have typed the right sum for a payment that was wrong, at a till that gave something back before."""
    counter = stage.world.counter()
    stage.world.refund(counter, stage.world.sale(counter, cast.payer, 760), 260)
    receipt = stage.world.sale(counter, cast.payer, 240)
    till = stage.till(counter)
    till.goto(f"{counter.path}?wrong={receipt}")
    press(till, *"420")
    return till


def in_part(stage: Stage, cast: Cast) -> Page:
    """Have typed a sum at a co-op that takes only a part of it in RES."""
    clinic = stage.world.counter("clinic")
    settled.set_res_part(stage.world.kit, "clinic", 5_000)
    till = stage.till(clinic)
    press(till, *"1250")
    return till


def disputing(who: str, path: str = "/disputes/{dispute}", *, by_code: bool = True) -> Callable[[Stage, Cast], Page]:
    """Look at a charge that was not the payer's, as they, as a steward of the bakery or as a facilitator."""

    def opened(stage: Stage, cast: Cast) -> Page:
        world, ana = stage.world, stage.world.member("Ana Moreau")
        if by_code:
            token = MemberPhone(world.kit, ana).token()
            where = cast.counter.till, cast.cashier
            paid = scans.scan_code(world.kit, *where, token=token, amount_minor=1_250, key=f"scan of {ana}")
            ref = str(paid.ref)  # type: ignore[union-attr]
        else:
            ref = world.sale(cast.counter, ana, 1_250)
        if "{receipt}" in path:
            dispute = ""
        else:
            dispute = disputes.begin(world.kit, ana, ref, "I was at work at that time", not_me=True).ref
        if who == "facilitator":
            disputes.pass_on(world.kit, ana, dispute)
        handle = {"member": lambda: ana, "steward": world.steward, "facilitator": world.facilitator}[who]()
        page = stage.page(handle)
        page.goto(path.format(receipt=ref, dispute=dispute))
        return page

    return opened


def supplying(sum_minor: int, *, sees: str = "") -> Callable[[Stage, Cast], Page]:
    """Be about to pay another co-op's bill as a steward; or see, as "first", "second" or "till", how it waits."""

    def opened(stage: Stage, _cast: Cast) -> Page:
        counter, steward, second = stage.world.counter(), stage.world.steward("mill"), stage.world.steward("mill")
        code = stage.world.bill(counter, sum_minor).code
        page = stage.page(steward)
        page.goto(f"/office/mill/bills/{code}")
        if sees:
            page.locator("form .button").click()
            expect(page.get_by_role("status")).to_contain_text("It waits for a second steward")
        if sees == "second":
            page = stage.page(second)
            page.goto(f"/office/mill/bills/{code}")
        if sees == "till":
            page = stage.till(counter)
            page.goto(f"{counter.path}?bill={code}")
        return page

    return opened


def bought(stage: Stage, cast: Cast) -> Page:
    """Have paid another co-op's bill as a steward."""
    page = supplying(12_000)(stage, cast)
    page.locator("form .button").click()
    expect(page.locator(".counterfoil")).to_contain_text("Paid, ")
    return page


BAKERY = "Kneading Table Bakery"
DECLINE = 'form[action$="/decline"] .button'
PAY = 'form[data-act="pay"] .button'
SCREENS = (
    Screen("welcome", at("/", None), "See what it builds", ".foot .button", "header .quilt, header svg"),
    Screen("demo", at("/demo", None), "Who do you want to be?", "button.row", "ul.rows li"),
    Screen("home", at("/"), "Home", ".dock .button", "ul.rows li"),
    Screen("home-new", at("/", "newcomer"), "Home", ".dock .button"),
    Screen("home-cashier", at("/", "cashier"), "Home", ".dock .button", "a.card.row"),
    Screen("scan", at("/pay"), "Pay", '[data-act="start"]'),
    Screen("scan-mistyped", mistyped, "Pay", "form .button", "form .notice"),
    Screen("confirm", billed(), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-cash", billed(cash_minor=400), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-own", billed("colleague"), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-short", billed("newcomer"), BAKERY, DECLINE, ".notice"),
    Screen("confirm-stranger", billed(None), BAKERY, 'a.button[data-size="pay"]', ".sum"),
    Screen("confirm-expired", billed(left=0), "Bill of Kneading Table Bakery", ".dock .button", ".notice"),
    Screen("paid", paid, "You paid", ".dock .button", ".phrase"),
    Screen("code-enrol", at("/code"), "My code", '[data-act="enrol"]', "li"),
    Screen("code", coded, "My code", ".dock .button", ".code-card svg"),
    Screen("code-frozen", frozen, "My code", '[data-when="frozen"] .button'),
    Screen("code-of-a-member", at("/m/" + "A" * 31, None), "This is a member’s code", ".dock .button"),
    Screen("activity", at("/activity"), "Activity", ".chips a", "ul.rows li"),
    Screen("activity-narrowed", at("/activity?show=counts&q=bakery"), "Activity", ".cluster .button", "ul.rows li"),
    Screen("activity-none", at("/activity?q=nobody"), "Activity", ".card .link"),
    Screen("activity-sheet", sheet, "Activity", ".sheet .button", ".sheet select"),
    Screen("activity-new", at("/activity", "newcomer"), "Activity", ".tabs a"),
    Screen("statement", at("/statement"), "Statement", ".dock .button", ".table tbody tr"),
    Screen("statement-new", at("/statement", "newcomer"), "Statement", ".dock .button"),
    Screen("receipt", at("/receipts/{receipt}"), "Receipt", '[data-act="print"]', "dl.facts div"),
    Screen("receipt-staff", at("/receipts/{receipt}", "cashier"), "Receipt", '[data-act="print"]', "dl.facts div"),
    Screen("send", sending("choose"), "Send RES", "form .button", "ul.rows li"),
    Screen("send-how-much", sending("ask"), "Send RES", ".dock .button", ".payee"),
    Screen("send-sure", sending("sure"), "Mia Lang", PAY, "dl.facts div"),
    Screen("send-short", sending("sure", "9000"), "Mia Lang", 'a.button[data-kind="plain"]', ".notice"),
    Screen("receive", receiving, "Receive RES", ".dock .button", ".code-card svg"),
    Screen("notices", noticed, "Notices", ".chips button", "ul.rows li"),
    Screen("notices-none", at("/notices", "colleague"), "Notices", ".chips button"),
    Screen("receipt-refunded", refunded, "Receipt", 'button[form="refund"]', "ul.rows li"),
    Screen("refund-waiting", asked_to_approve("cashier"), "Refund", ".dock .button", ".countdown"),
    Screen("refund-approve", asked_to_approve("steward"), "Refund", ".dock .button", ".countdown"),
    Screen("refund-declined", asked_to_approve("cashier", ends="declined"), "Refund", ".dock .button", ".notice"),
    Screen("till-refunds", refund_beside, BAKERY, "[data-charge-button]", ".parked li", till=True),
    Screen("refund-posted", asked_to_approve("cashier", ends="posted"), "Refund", ".dock .button", ".notice"),
    Screen("home-steward", asked_to_approve("steward", ends="home"), "Home", ".dock .button", ".notice"),
    Screen("you", at("/you"), "You", 'form[action="/sign-out"] .button', ".who"),
    Screen("install", at("/install"), "The installed app", ".topbar .icon-button", "ol.steps li"),
    Screen("install-stranger", at("/install", None), "The installed app", ".topbar .icon-button", "ol.steps li"),
    Screen("limits", at("/you/limits"), "Limits", ".dock .button", ".field"),
    Screen("limits-raised", raised, "Limits", ".dock .button", ".notice"),
    Screen("share", at("/share"), "Your pay share", ".topbar .icon-button", "li.reason"),
    Screen("share-next", at("/share?of=next"), "Your pay share", ".topbar .icon-button", "li.reason"),
    Screen("share-new", at("/share", "newcomer"), "Your pay share", ".topbar .icon-button"),
    Screen("share-rule", at("/share/rule"), "The rule of the pay share", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend", at("/dividend"), "Dividend", "a.row", "dl.facts div"),
    Screen("dividend-new", at("/dividend", "newcomer"), "Dividend", "a.row", "dl.facts div"),
    Screen("dividend-statement", dividend, "Dividend", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-basis", at("/dividend/basis"), "Behind your basis", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-pool", at("/dividend/pool"), "The pool", ".topbar .icon-button", "ul.rows li"),
    Screen("dividend-pyramid", at("/dividend/pyramid"), "Is this a pyramid?", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-rule", at("/dividend/rule"), "The rule of the dividend", ".topbar .icon-button", "dl.facts div"),
    Screen("agreement", at("/agreement", "newcomer"), "Being paid in RES", ".dock .button", "section p"),
    Screen("share-less", taking_less, "Take less", "#less .button", "section p"),
    Screen("slips", at("/slips"), "Pay slips", "main .button", "ul.rows li"),
    Screen("slip", slip, "Pay slip", ".topbar .icon-button", "dl.facts div"),
    Screen("pay-run", pay_run, "Pay for", 'form[action$="/submit"] .button', "tbody tr"),
    Screen("dispute-new", disputing("member", "/receipts/{receipt}/dispute?not_me=1"), "It was not me", ".dock button"),
    Screen("dispute", disputing("member"), "Not me", "form .button", ".thread li"),
    Screen("dispute-steward", disputing("steward", by_code=False), "Something is wrong", "form .button", ".thread li"),
    Screen("dispute-decide", disputing("facilitator"), "Not me", "form .button", ".thread li"),
    Screen("disputes", disputing("steward", "/office/bakery/disputes"), "Disputes", "a.row", "ul.rows li"),
    Screen("disputes-passed", disputing("facilitator", "/federation/disputes"), "Disputes", "a.row", "ul.rows li"),
    Screen("supply", supplying(12_000), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-large", supplying(62_000), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-waiting", supplying(62_000, sees="first"), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-agree", supplying(62_000, sees="second"), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-paid", bought, "Receipt", ".icon-button", ".counterfoil"),
    Screen("till-supply", supplying(62_000, sees="till"), BAKERY, ".actions .button", ".claim", till=True),
    Screen("offline", cut_off, "No connection", ".dock .button", ".code-card svg"),
    Screen("unknown-page", at("/nowhere"), "", ".dock .button"),
    Screen("unknown-bill", at("/b/7K3MQ2XA"), "", ".dock .button"),
    Screen("signed-out", at("/activity", None), "", ".dock .button"),
    Screen("tills", at("/tills/", "cashier"), "Your tills", "a.row", "a.row"),
    Screen("till", keypad, BAKERY, "[data-charge-button]", ".last-five li", till=True),
    Screen("till-refused", refused, BAKERY, "[data-charge-button]", ".last-five li", till=True),
    Screen("till-scan", camera, BAKERY, "dialog .button", till=True),
    Screen("till-waiting", waiting(), BAKERY, ".actions .button", ".parked li", till=True),
    Screen("till-claimed", waiting(claimed_by="payer"), BAKERY, ".actions .button", ".claim", till=True),
    Screen("till-cash", waiting(cash_minor=400), BAKERY, ".actions .button", ".amount", till=True),
    Screen("till-paid", green, BAKERY, "main a[data-visit]", ".last-five li", till=True),
    Screen("till-signed-out", signed_out, "Signed out at this till", ".dock .button", till=True),
    Screen("till-doubt", at("/tills/{till}?left=unknown", None), "Signed out at this till", ".dock .button", till=True),
    Screen("tablet-new", unpaired, "Make this device a till", ".dock .button", ".code-card svg", till=True),
    Screen("tablet-locked", locked, BAKERY, ".dock .button", till=True),
    Screen("tablet-till", on_tablet, BAKERY, "[data-charge-button]", till=True),
    Screen("outage", cut_off_tablet, "Check payments without a network", "form .button", "li.row", till=True),
    Screen("tablet-pair", vouching, BAKERY, ".dock .button", ".phrase"),
    Screen("tablets", tablets_desk, "Tablets", "form .button", "li.row"),
    Screen("till-wrong", wrong, BAKERY, "[data-charge-button]", ".correction", till=True),
    Screen("till-part", in_part, "Alder Clinic", "[data-need-button]", ".need", till=True),
    Screen("till-over", over, BAKERY, ".actions .button", ".amount", till=True),
    Screen("shift", tillday.shift(), "Close till", ".dock .button", "dl.facts div", till=True),
    Screen(
        "shift-blocked", tillday.shift(leaves_open=True), "Close till", ".dock .button", ".notice .button", till=True
    ),
    Screen("shift-difference", tillday.differing, "Close till", ".dock .button", "ul.rows li", till=True),
    Screen("shift-closed", tillday.signed, "Shift closed", ".dock .button", "dl.facts div", till=True),
    Screen("shifts", tillday.before, "Past shifts", "a.card.row", "ul.rows li", till=True),
    Screen("shift-none", tillday.unopened, "Shift", ".dock .button", till=True),
    Screen("sticker", tillday.sticker, "Sticker", ".dock .button", ".a6 .qr"),
    Screen("sticker-sum", tillday.asked(), BAKERY, ".dock .button", "#ask .hint"),
    Screen("sticker-code", tillday.asked(bills=2), BAKERY, "#typed .button", ".notice"),
    Screen("till-closed", tillday.given_up, BAKERY, ".dock .button", ".notice"),
    Screen(
        "till-suspended",
        suspended.at("cashier", "/tills/{till}", waits=True),
        suspended.DAIRY,
        ".actions .button",
        ".last-five li",
        till=True,
    ),
    Screen(
        "bill-suspended", suspended.at("payer", waits=True), "Bill of Green Meadow Dairy", ".dock .button", ".notice"
    ),
    Screen("coop-suspended", suspended.at("facilitator", "/federation/coops/{coop}"), suspended.DAIRY, "form .button"),
    Screen("office-suspended", suspended.at("steward", "/office/{coop}"), "People", "form .button", ".notice"),
    Screen("home-ballot", polls.reminded, "Home", ".dock .button", ".notice a"),
    Screen("charter", at("/charter"), "The charter", ".topbar .icon-button", "dl.facts div"),
    Screen("ballot-charter", polls.of_the_charter, "Ballot", ".dock .button", "li.coop"),
    Screen("ballots-desk", polls.at_the_desk("/federation/ballots"), "Ballots", ".button", "ul.rows li"),
    Screen(
        "ballots-propose", polls.at_the_desk("/federation/ballots/new/rise_bp"), "Propose a ballot", ".button", ".field"
    ),
    Screen("home-off", polls.without_dividend("/", World.member), "Home", ".dock .button", "p.muted"),
    Screen("dividend-off", polls.without_dividend("/dividend", World.member), "Dividend", "a.row", ".notice"),
    Screen(
        "dividend-off-pool",
        polls.without_dividend("/dividend/pool", World.member),
        "The pool",
        ".topbar .icon-button",
        ".notice",
    ),
    Screen(
        "dividend-off-runs",
        polls.without_dividend("/federation/dividend", World.facilitator),
        "Dividend",
        "a",
        ".notice",
    ),
    Screen("ballots", polls.asked("all"), "Ballots", ".topbar .icon-button", "ul.rows li"),
    Screen("ballot", polls.asked(), "Ballot", ".dock .button", "li.coop"),
    Screen("ballot-roll", polls.asked("/roll"), "The roll", ".topbar .icon-button", "ul.rows li"),
    Screen("ballot-check", polls.checked, "Check your vote", "form .button", "dl.facts div"),
    Screen("ballot-stored", polls.stored, "Your vote is stored", ".dock .button", "ul.rows li"),
    # The last one closes what the others opened.
    Screen("ballot-result", polls.counted, "Ballot result", ".topbar .icon-button", "li.coop"),
)
