"""The ledger: the only writer of transfers and balances."""

from wallet.store.ledger.coops import hold_coop, post_from_coop, post_pay, post_sweep
from wallet.store.ledger.dividends import post_dividend
from wallet.store.ledger.gifts import post_gift
from wallet.store.ledger.journal import new_ref
from wallet.store.ledger.payruns import lock_wallets, post_run
from wallet.store.ledger.sales import find_sale, lock_refunded, post_refund, post_sale

__all__ = [
    "find_sale",
    "hold_coop",
    "lock_refunded",
    "lock_wallets",
    "new_ref",
    "post_dividend",
    "post_from_coop",
    "post_gift",
    "post_pay",
    "post_refund",
    "post_run",
    "post_sale",
    "post_sweep",
]
