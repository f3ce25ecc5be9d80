"""A co-op's accounts as a sheet: a row for each posting, two for each entry, between opening and closing balances."""

from collections.abc import Iterable, Iterator

from wallet.domain.bookkeeping import Book, Entry
from wallet.domain.money import format_amount
from wallet.domain.period import format_instant

HEADER = (
    "date", "at", "receipt", "kind", "account", "amount", "balance", "other", "till", "cash", "minutes", "note", "of",
)  # fmt: skip


def rows(book: Book, entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    """Give the rows under the header; a balance, cash and minutes stand in those of the co-op's own accounts.

    So no sum of a column holds what stands beside an entry twice.
    """
    running = {name: book.opening.get(name, 0) for name in book.closing}
    for name, minor in running.items():
        yield _balance(str(book.period.first), "opening", name, minor)
    for entry in entries:
        for name, minor in entry.postings:
            if name in running:
                running[name] += minor
            balance, cash, minutes = _beside(entry, running[name]) if name in running else ("", "", "")
            yield (
                str(entry.on), format_instant(entry.at), entry.ref, entry.kind, name, format_amount(minor), balance,
                entry.other, entry.till, cash, minutes, entry.note, entry.answers,
            )  # fmt: skip
    for name, minor in book.closing.items():
        yield _balance(str(book.period.last), "closing", name, minor)


def _beside(entry: Entry, balance_minor: int) -> tuple[str, str, str]:
    minutes = "" if entry.minutes is None else str(entry.minutes)
    return format_amount(balance_minor), format_amount(entry.cash_minor), minutes


def _balance(on: str, kind: str, account: str, minor: int) -> tuple[str, ...]:
    return (on, "", "", kind, account, "", format_amount(minor), *[""] * 6)
