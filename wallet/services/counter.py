"""What a co-op settles about its counters: how sales may be paid, and how much a cashier gives back alone."""

import sqlalchemy as sa

from wallet.domain.ratio import WHOLE_BP
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, tills
from wallet.store.engine import write


def set_res_part(kit: Kit, coop: str, part_bp: int) -> None:
    """Settle the highest part of a sale that a co-op's tills take in RES, from the next bill on.

    Raises: Refusal unknown_coop, bad_amount.
    """
    if not 0 < part_bp <= WHOLE_BP:
        raise refuse("bad_amount", _("Write a part above 0 %, up to 100 %. Nothing was changed."))

    def work(connection: sa.Connection) -> None:
        coops.set_res_part(connection, coops.known(connection, coop).id, part_bp)

    write(kit.engine, work)


def set_refund_limit(kit: Kit, coop: str, till: str, limit_minor: int) -> None:
    """Settle how much of one sale, RES and cash together, a cashier of a till gives back without a steward.

    Never more than the charter's: who could lift it would need no second person any more.
    Raises: Refusal unknown_coop, unknown_till, bad_amount.
    """
    if not 0 <= limit_minor <= kit.charter.refund_limit_minor:
        raise refuse("bad_amount", _("The federation allows no higher limit. Nothing was changed."))

    def work(connection: sa.Connection) -> None:
        if not tills.set_refund_limit(connection, coops.known(connection, coop).id, till, limit_minor):
            raise tills.no_such_till()

    write(kit.engine, work)
