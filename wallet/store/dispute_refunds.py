"""What a dispute gives back of its sale: because a steward agrees, or until it is settled."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.domain.refund import CARRIED, DISPUTED
from wallet.domain.transfer import Posted
from wallet.store import charters, disputes, ledger, refund_transfers, refunds
from wallet.store.disputes import Dispute
from wallet.store.refund_transfers import GivenBack


def carry(connection: sa.Connection, founding: Charter, dispute: Dispute, now: datetime) -> None:
    """Give back what is left of the RES, which the co-op so carries until it is settled.

    Locks: as `give_back`.
    """
    carried = give_back(connection, founding, dispute, (dispute.left_minor, 0), now)
    disputes.change(connection, dispute.id, carried_id=carried.id)


def give_back(
    connection: sa.Connection,
    founding: Charter,
    dispute: Dispute,
    parts: tuple[int, int],
    now: datetime,
    steward_id: int | None = None,
) -> Posted:
    """Give back so much RES and cash of the disputed sale, as its member asked, by a steward if by one.

    Raises: Refusal refund_exceeds_sale.
    Locks:  the sale's refund row, the wallet, then the payee, until commit.
    Source: docs/decisions/0020
    """
    ref, sale = ledger.new_ref(), refunds.sale_of(connection, dispute.about)
    # Whoever scanned the code opens the shift in which it comes back at once.
    opener_id = sale.cashier_id if steward_id is None else steward_id
    assert opener_id is not None, "what is carried was charged by a cashier"
    told = "carried" if steward_id is None else "refunded"
    dated = charters.standing(connection, founding, now)
    posted = refund_transfers.give_back(connection, sale, GivenBack(ref, *parts), opener_id, now, dated, told)
    row = {
        "ref": ref,
        "sale_id": sale.id,
        "coop_id": dispute.coop_id,
        "amount_minor": parts[0],
        "cash_minor": parts[1],
        "reason": CARRIED if steward_id is None else DISPUTED,
        "asked_by": dispute.person_id,
        "asked_at": now,
        "approved_by": steward_id,
        "approved_at": None if steward_id is None else now,
        "state": "posted",
        "transfer_id": posted.id,
        "dispute_id": dispute.id,
    }
    refunds.add(connection, row)
    return posted
