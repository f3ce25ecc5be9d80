"""An exported file as Beancount reads it."""

from collections import defaultdict
from decimal import Decimal

from beancount import loader
from beancount.core.data import Balance, Transaction


def loaded(text: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Let Beancount load a file; give what its transactions come to, and what its last balances have to be."""
    found, errors, _options = loader.load_string(text)
    assert errors == []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in found:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.currency == "RES"
                assert posting.units.number is not None
                sums[posting.account] += posting.units.number
    stated = {entry.account: entry.amount.number for entry in found if isinstance(entry, Balance)}
    return sums, {name: Decimal(str(number)) for name, number in stated.items()}
