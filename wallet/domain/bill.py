"""A till's demand for money: its code and the state in which it stands at an instant."""

from datetime import datetime, timedelta

from wallet.domain.base32 import ALPHABET, MEANT
from wallet.domain.ratio import WHOLE_BP
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.i18n import percent_name, sum_name

CODE_LENGTH = 8
BILL_SECONDS = 180
CLAIM_SECONDS = 30
SCAN_SECONDS = 60
# How long a bill waits for the second steward of a co-op that pays it.
SECOND_SECONDS = 600
# The states of a bill that somebody may still pay.
WAITING = ("open", "claimed")
# How a bill can stand that somebody has just not paid; what ended it otherwise was not their doing.
NOT_PAID = (*WAITING, "declined")

# Between the halves of a code: keyboards and other apps make any of these of a space or a hyphen.
_GAPS = str.maketrans(dict.fromkeys(" \u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"))


def normalise(text: object) -> str:
    """Read a code as a person types it: case, spaces, dashes and look-alikes are forgiven.

    Raises: Refusal bad_form.
    """
    if not isinstance(text, str) or len(text) > 64:
        raise refuse("bad_form")
    code = text.translate(_GAPS)
    # Before it is made upper case, which makes plain letters of some others.
    if not code.isascii():
        raise refuse("bad_form")
    code = code.upper().translate(MEANT)
    if len(code) != CODE_LENGTH or any(character not in ALPHABET for character in code):
        raise refuse("bad_form")
    return code


def spelled(code: str) -> str:
    """Write a code as a person reads it out: `ABCD-EFGH`."""
    return f"{code[:4]}-{code[4:]}"


def require_parts(amount_minor: int, cash_minor: int) -> None:
    """Stop at a sum of nothing, and where more of it is said to be cash than there is.

    Raises: Refusal bad_amount.
    """
    if cash_minor > amount_minor:
        raise refuse(
            "bad_amount",
            _(
                "The cash part is more than the sum. No money moved. "
                "Write only what of the sum is paid in cash, not what was handed over."
            ),
        )
    if cash_minor < 0 or amount_minor <= 0:
        raise refuse("bad_amount")


def most_res(amount_minor: int, res_part_bp: int) -> int:
    """Give the most RES of a sale of `amount_minor` that a co-op takes, whose highest part is `res_part_bp`."""
    return amount_minor * res_part_bp // WHOLE_BP


def too_much_res(amount_minor: int, res_part_bp: int) -> Refusal:
    """Say how much of a sale of `amount_minor` a co-op wants in cash, whose highest part in RES is `res_part_bp`."""
    cash = amount_minor - most_res(amount_minor, res_part_bp)
    sentence = _(
        "Up to %(part)s of a sale in RES. No money moved. Take %(cash)s in cash.",
        part=percent_name(res_part_bp),
        cash=sum_name(cash),
    )
    return refuse("cash_part_required", sentence)


def expiry_of(opened_at: datetime, *, scanned: bool = False) -> datetime:
    """Give the instant from which a bill opened at `opened_at` can no longer be paid."""
    return opened_at + timedelta(seconds=SCAN_SECONDS if scanned else BILL_SECONDS)


def state_of(stored_state: str, expires_at: datetime, claimed_at: datetime | None, bound: bool, now: datetime) -> str:
    """Tell how a bill stands at `now`: open, claimed, paid, declined, expired or cancelled.

    A bill made by a scan is `bound` to its member and claimed all its life; any other claim lapses.
    """
    if stored_state != "open":
        return stored_state
    if now >= expires_at:
        return "expired"
    if bound:
        return "claimed"
    if claimed_at is not None and now < claimed_at + timedelta(seconds=CLAIM_SECONDS):
        return "claimed"
    return "open"
