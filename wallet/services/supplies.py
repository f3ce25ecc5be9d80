"""Supplies: a steward pays another co-op's bill from the co-op's account; above a sum a second steward agrees."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import bill_pages, bills, buyers, coops, keys, notices, people, proposals, roles, supplies
from wallet.store.engine import write
from wallet.store.keys import Made
from wallet.store.supplies import Request


@dataclass(frozen=True, slots=True)
class Supply:
    """Hold what came of it: the receipt, or None while it waits for a second steward."""

    receipt: str | None
    till: str
    replayed: bool = False


def pay(kit: Kit, steward: str, coop: str, code: str, *, key: str) -> Supply:
    """Pay the bill `code` of another co-op from the account of `coop`; safe to send twice.

    Above the charter's sum it waits ten minutes for another steward of the co-op, and the bill with it; sent again with
    its key it says so again, whatever the other has said.
    Raises: Refusal unknown_coop, key_reused, not_allowed, account_not_open, unknown_bill, insufficient_funds,
            second_person when there is no other steward, already_waiting while another co-op asks one, or how the bill
            ended.
    Locks:  the steward, then the bill or what `supplies.pay` locks, until commit: who ends their role ends this, too.
    """

    def work(connection: sa.Connection) -> Supply:
        roles.hold(connection, steward)
        now, buyer = kit.clock(), coops.known(connection, coop)
        stewards, person = roles.serving(connection, buyer.id, "steward", now), people.find(connection, steward)
        if person is None or steward not in stewards:
            raise refuse("unknown_coop")
        request = Request(f"person:{person.id}", key, code, coop)
        found = bills.row(connection, code)
        made = keys.find(connection, request.scope, key, request.digest)
        if made is not None and made.act == "proposal":
            return Supply(None, found.till_id, True)
        if made is None:
            found = supplies.payable(connection, code, buyer, now)
            if found.amount_minor > kit.charter.supply_alone_minor:
                return _ask_another(connection, kit, person.id, request, found, set(stewards) - {steward})
        receipt, replayed = supplies.pay(connection, request, now)
        return Supply(receipt, found.till_id, replayed)

    supply = write(kit.engine, work)
    kit.hint(f"till:{supply.till}", f"bill:{code}")
    return supply


def _ask_another(
    connection: sa.Connection, kit: Kit, person_id: int, request: Request, found: bills.Row, others: set[str]
) -> Supply:
    """Let the bill wait for another steward; to ask twice is to ask once."""
    now, buyer = kit.clock(), coops.known(connection, request.buyer)
    before = proposals.last_about(connection, "supply", found.code, buyer.id)
    if before is not None and before.state == "waiting":
        return Supply(None, found.till_id, True)
    if found.buyer_id not in (None, buyer.id):
        says = _(
            "%(coop)s asks its second steward to pay this bill. No money moved. Wait for their answer, or ask the till "
            "for a new bill.",
            coop=found.buyer_name,
        )
        raise refuse("already_waiting", says)
    if not others:
        raise refuse("second_person")
    # Nobody is asked for what cannot be paid; whether it still can is seen again when the second steward agrees.
    coops.require_reach(connection, buyer, found.amount_minor)
    content = {
        "bill": found.code,
        "buyer": request.buyer,
        "till": found.till_id,
        "slug": found.slug,
        "amount_minor": found.amount_minor,
    }
    row = {"kind": "supply", "subject": found.code, "coop_id": buyer.id, "proposed_by": person_id, "proposed_at": now}
    asked = proposals.add(connection, row | {"state": "waiting"}, content)
    keys.claim(connection, request.scope, request.key, request.digest, Made("proposal", str(asked)), now)
    until = now + proposals.SUPPLY_WAITS
    buyers.note(connection, found.code, buyer.id, until)
    told = found.coop_name, bill_pages.of_coop(found.code, request.buyer), found.amount_minor, until
    for handle in sorted(others):
        other = people.find(connection, handle)
        assert other is not None
        notices.tell_of_money(connection, other.id, "agree", now, *told)
    return Supply(None, found.till_id)
