"""Scans: a till charges the member whose code it read."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from wallet.domain import paycode
from wallet.domain.bill import expiry_of, require_parts
from wallet.domain.transfer import Circumstance, Order
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import bill_pages, bills, charters, codes, keys, ledger, limits, notices, people, sales, tills
from wallet.store.bills import BillView
from wallet.store.engine import write
from wallet.store.keys import Made
from wallet.store.sales import Logged, Paid

# How long an attempt may be under way before a retry is told that the code is spent.
UNDER_WAY = timedelta(seconds=10)
NO_SECRET = bytes(32)


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold what a cashier asks for with a member's code; `amount_minor` is the whole sum."""

    till: str
    cashier: str
    token: str
    amount_minor: int
    cash_minor: int
    note: str | None
    confirm: bool
    key: str

    @property
    def scope(self) -> str:
        """Give the scope in which the key is unique."""
        return f"till:{self.till}"

    @property
    def digest(self) -> str:
        """Give the digest of the content."""
        return keys.digest_of("scan", self.token, self.amount_minor, self.cash_minor, self.note)


def scan_code(
    kit: Kit,
    till: str,
    cashier: str,
    *,
    token: str,
    amount_minor: int,
    cash_minor: int = 0,
    note: str | None = None,
    confirm: bool = False,
    key: str,
) -> Paid | BillView:
    """Charge the member who shows `token`, or ask on the member's phone above the code limits.

    Taking the code commits first, on its own: whatever follows, the code and every earlier one are dead.
    Raises: Refusal bad_amount, bad_form, unknown_till, account_not_open, unknown_member, code_spent, key_reused,
            cash_part_required, looks_repeated, insufficient_funds, steward_required, busy while the same request is
            under way.
    """
    require_parts(amount_minor, cash_minor)
    code = paycode.parse_link(token, kit.settings.origin)
    bare = token.removeprefix(f"{kit.settings.origin}/m/")
    scan = Scan(till, cashier, bare, amount_minor, cash_minor, note, confirm, key)
    device = paycode.device_name(code.device)
    taken = write(kit.engine, lambda connection: _take(kit, connection, scan, code, device))
    if not isinstance(taken, codes.Phone):
        return taken
    try:
        outcome = write(kit.engine, lambda connection: _charge(kit, connection, scan, taken, code.step))
    except Refusal:
        done = write(kit.engine, lambda connection: _end(kit, connection, scan, taken, code.step))
        if done is None:
            raise
        outcome = done
    kit.hint(f"till:{till}")
    return outcome


def _take(
    kit: Kit, connection: sa.Connection, scan: Scan, code: paycode.Code, device: str
) -> codes.Phone | Paid | BillView:
    now = kit.clock()
    place = tills.at_till(connection, scan.till, scan.cashier)
    made = keys.find(connection, scan.scope, scan.key, scan.digest)
    if made is not None:
        return _before(connection, made, kit)
    tills.require_open(place)
    tills.require_cash_part(place, scan.amount_minor, scan.cash_minor)
    phone = codes.find(connection, device)
    # A phone that nobody enrolled takes as long as a wrong code of one that somebody did.
    right = paycode.matches(NO_SECRET if phone is None else phone.secret, code)
    if phone is None or not right:
        raise refuse(
            "unknown_member", _("No phone here shows this code. No money moved. Ask the member to open My code again.")
        )
    if phone.live and paycode.is_early(code.step, now):
        raise refuse(
            "code_spent",
            _("The phone’s clock is ahead: this code is not good yet. No money moved. Try again in a moment."),
        )
    if phone.live and phone.last_step > paycode.newest_step(now):
        raise refuse(
            "code_spent",
            _("The member’s phone must be set up again. No money moved. Ask them to open My code, with a network."),
        )
    if not phone.live or not paycode.is_fresh(code.step, now):
        raise refuse("code_spent")
    if not codes.take(connection, device, code.step, scan.till, scan.key, now):
        # The same request may be under way on another connection: then it is not for us to say how it ends.
        if codes.under_way(connection, device, code.step, scan.till, scan.key, now - UNDER_WAY):
            raise refuse("busy", _("This scan is under way already. Wait a moment: it is never charged twice."))
        # It may also have ended since we looked for its key; then its answer is ours.
        made = keys.find(connection, scan.scope, scan.key, scan.digest)
        if made is not None:
            return _before(connection, made, kit)
        raise refuse("code_spent")
    return phone


def _end(kit: Kit, connection: sa.Connection, scan: Scan, phone: codes.Phone, step: int) -> Paid | BillView | None:
    """Note that an attempt was refused; give what it made if it is done, and only the answer of its commit was lost."""
    if codes.finish(connection, phone.device, step, "refused"):
        return None
    made = keys.find(connection, scan.scope, scan.key, scan.digest)
    return None if made is None else _before(connection, made, kit)


def _before(connection: sa.Connection, made: Made, kit: Kit) -> Paid | BillView:
    if made.act == "sale":
        return sales.paid(connection, made.ref, replayed=True)
    return bills.made_before(connection, made.ref, kit.clock())


def _charge(kit: Kit, connection: sa.Connection, scan: Scan, phone: codes.Phone, step: int) -> Paid | BillView:
    now, ref = kit.clock(), ledger.new_ref()
    place = tills.at_till(connection, scan.till, scan.cashier)
    # Its co-op may have left or been suspended since the code was taken.
    tills.require_open(place)
    # Frozen since the code was taken, it pays nothing; who freezes it from now on waits for this payment.
    if not codes.is_held(connection, phone.device):
        raise refuse("code_spent")
    shift, charter = tills.shift_of(connection, place, now), charters.in_month_of(connection, kit.charter, now)
    # The limits are read when the wallet is had: one that is lowered while it is waited for holds at once.
    member = people.payer(connection, phone.handle)
    res_minor = scan.amount_minor - scan.cash_minor
    fits = limits.allows(connection, "code", member.id, res_minor, now)
    bill = bills.new_code()
    made = keys.claim(
        connection, scan.scope, scan.key, scan.digest, Made("sale", ref) if fits else Made("bill", bill), now
    )
    if made is not None:
        raise refuse("code_spent")
    logged = Logged(member.account_id, scan.cash_minor, place.cashier_id, place.coop_id)
    codes.finish(connection, phone.device, step, "paid" if fits else "asked")
    if not fits:
        if not scan.confirm:
            sales.refuse_repeated(connection, member.account_id, scan.till, scan.amount_minor, now, charter)
        sales.require_steward(connection, logged, now, charter, posted=False)
        bills.add(connection, bill, place, shift, scan.amount_minor, scan.cash_minor, scan.note, now, member.id)
        told = place.coop_name, bill_pages.of_member(bill), res_minor, expiry_of(now, scanned=True)
        notices.tell_of_money(connection, member.id, "asked", now, *told)
        return bills.view(bills.row(connection, bill), now)
    where = Circumstance(scan.till, shift, place.cashier_id, None, scan.note, "code")
    payer, till = member.account_id, place.account_id
    order = Order(ref, now, payer, till, res_minor, scan.cash_minor, place.coop_id, where)
    posted = ledger.post_sale(connection, order, charter)
    sales.require_steward(connection, logged, now, charter)
    if not scan.confirm:
        asked = scan.amount_minor
        sales.refuse_repeated(connection, member.account_id, scan.till, asked, now, charter, posted.id)
    notices.tell_of_money(connection, member.id, "charged", now, place.coop_name, f"/receipts/{ref}", res_minor)
    return sales.paid(connection, ref)
