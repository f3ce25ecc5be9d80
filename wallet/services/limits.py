"""A member's own limits: lowered at once, raised after a day."""

from collections.abc import Mapping

import sqlalchemy as sa

from wallet.domain.limit import MEANS, Limit, Most
from wallet.domain.money import MAX_MINOR, format_amount
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import confinements, limits, notices, people
from wallet.store.engine import reading, write


def limits_of(kit: Kit, person_id: int) -> dict[str, Limit]:
    """Give the member's limits by means: "phone" and "code"."""
    with reading(kit.engine) as connection:
        return {means: limits.of(connection, means, person_id, kit.clock()) for means in MEANS}


def spent_today(kit: Kit, person_id: int) -> dict[str, int]:
    """Give what the member has paid today without a passkey, by means."""
    with reading(kit.engine) as connection:
        return {means: limits.spent(connection, means, person_id, kit.clock()) for means in MEANS}


def change(kit: Kit, person_id: int, wishes: Mapping[str, Most], *, proved: bool) -> dict[str, Limit]:
    """Set the member's limits as they wish, and tell all their devices; raising one needs a fresh proof.

    Raises: Refusal bad_amount; step_up_required, when one would be raised and the passkey has not just `proved` it;
            not_allowed, when one would be raised within three days of a new way in.
    """
    if any(part > MAX_MINOR for wish in wishes.values() for part in (wish.payment_minor, wish.day_minor)):
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> dict[str, Limit]:
        now, held = kit.clock(), {}
        people.lock(connection, person_id)
        for means, wish in wishes.items():
            before = limits.of(connection, means, person_id, now)
            held[means] = before.changed(wish, now, kit.deployment.raise_waits)
            if held[means] == before:
                continue
            if held[means].raised is not None and not proved:
                raise refuse("step_up_required", _("Confirm with your passkey first. Nothing was changed."))
            if held[means].raised is not None and confinements.is_confined(connection, person_id, now):
                raise refuse(
                    "not_allowed",
                    _(
                        "Nothing was changed. For three days after a way back in person no limit is raised, but one "
                        "can be lowered. Until when stands under You, Ways in."
                    ),
                )
            limits.keep(connection, means, person_id, held[means])
            sums = f"{format_amount(wish.payment_minor)} / {format_amount(wish.day_minor)}"
            notices.tell(connection, person_id, f"{means}_limit", now, sums)
        return held

    return write(kit.engine, work)
