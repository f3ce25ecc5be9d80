"""What an event does to a wallet: balance, eligible RES and minutes, basis and qualified minutes."""

from dataclasses import dataclass, replace

from wallet.domain.charter import Charter
from wallet.domain.ratio import WHOLE_BP


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold a wallet's five figures; RES in minor units, work in minutes."""

    balance_minor: int = 0
    eligible_minor: int = 0
    eligible_minutes: int = 0
    basis_minor: int = 0
    qualified_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """Hold a wallet after an event, and the basis and minutes that the event moved."""

    after: Standing
    basis_minor: int = 0
    minutes: int = 0


def counted_minutes(minutes: int, counted_before: int, charter: Charter) -> int:
    """Give how many of `minutes` still count in a month in which `counted_before` have been counted."""
    if charter.month_minutes_max is None:
        return minutes
    return min(minutes, max(0, charter.month_minutes_max - counted_before))


def covered_minor(total_minor: int, counted: int, charter: Charter) -> int:
    """Give how much of a line's total the `counted` minutes cover at the highest rate."""
    if charter.month_minutes_max is None:
        return total_minor
    return min(total_minor, charter.rate_max_minor * counted // 60)


def paid(before: Standing, res_minor: int, total_minor: int, counted: int, charter: Charter) -> Standing:
    """Receive `res_minor` as the RES part of a pay line of `total_minor` for `counted` minutes."""
    covered = covered_minor(total_minor, counted, charter)
    return replace(
        before,
        balance_minor=before.balance_minor + res_minor,
        eligible_minor=before.eligible_minor + res_minor * covered // total_minor,
        eligible_minutes=before.eligible_minutes + counted * res_minor // total_minor,
    )


def spent(before: Standing, amount_minor: int, *, qualifies: bool) -> Moved:
    """Let `amount_minor` leave the wallet, as a qualifying sale or as any other outflow."""
    balance = before.balance_minor - amount_minor
    if qualifies:
        basis = min(amount_minor, before.eligible_minor)
        minutes = before.eligible_minutes * basis // before.eligible_minor if before.eligible_minor else 0
        after = Standing(
            balance,
            before.eligible_minor - basis,
            before.eligible_minutes - minutes,
            before.basis_minor + basis,
            before.qualified_minutes + minutes,
        )
        return Moved(after, basis, minutes)
    if before.eligible_minor > balance:
        minutes = before.eligible_minutes * balance // before.eligible_minor
        return Moved(replace(before, balance_minor=balance, eligible_minor=balance, eligible_minutes=minutes))
    return Moved(replace(before, balance_minor=balance))


def received(before: Standing, amount_minor: int) -> Standing:
    """Receive `amount_minor` that is neither pay nor a refund of a qualifying sale."""
    return replace(before, balance_minor=before.balance_minor + amount_minor)


@dataclass(frozen=True, slots=True)
class SoldBasis:
    """Hold what a qualifying sale made: its RES part and the basis and minutes that it moved."""

    res_minor: int
    basis_minor: int
    minutes: int


def given_back(sale: SoldBasis, refunded_before: int, refunded_after: int) -> tuple[int, int]:
    """Give the basis and minutes that go back when a sale's refunds rise from one total to the next."""
    if sale.res_minor == 0:
        return 0, 0
    basis = refunded_after * sale.basis_minor // sale.res_minor - refunded_before * sale.basis_minor // sale.res_minor
    minutes = refunded_after * sale.minutes // sale.res_minor - refunded_before * sale.minutes // sale.res_minor
    return basis, minutes


def refunded(before: Standing, amount_minor: int, basis_minor: int, minutes: int) -> Standing:
    """Receive a refund of `amount_minor` that gives back `basis_minor` and `minutes`."""
    return Standing(
        before.balance_minor + amount_minor,
        before.eligible_minor + basis_minor,
        before.eligible_minutes + minutes,
        before.basis_minor - basis_minor,
        before.qualified_minutes - minutes,
    )


def res_part(total_minor: int, share_bp: int) -> int:
    """Give the RES part of a pay line of `total_minor` at `share_bp`, rounded half up."""
    return (total_minor * share_bp + WHOLE_BP // 2) // WHOLE_BP
