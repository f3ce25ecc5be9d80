"""Closing a till's shift at the end of a day."""

import sqlalchemy as sa

from wallet.domain.shift import Register
from wallet.kit import Kit
from wallet.services import shifts
from wallet.services.shifts import Closing


def close(kit: Kit, till: str, who: str, res_minor: int, cash_minor: int = 0) -> None:
    """Close the shift that is open at a till, as its cashier does who reads these sums off the register."""
    running = sa.text("SELECT id FROM shifts WHERE till_id = :till AND closed_at IS NULL")
    with kit.engine.connect() as connection:
        shift = connection.execute(running, {"till": till}).scalar_one()
    closing = Closing(Register(res_minor, cash_minor), "not counted")
    shifts.close_shift(kit, till, who, shift, closing, key=f"shift {shift}")
