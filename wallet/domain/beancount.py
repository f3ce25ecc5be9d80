"""A co-op's accounts as a file for Beancount, whose format says itself what the balances have to be.

Source: https://beancount.github.io/docs/beancount_language_syntax.html
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from wallet.domain.bookkeeping import OPENING, OTHERS, Book, Entry
from wallet.domain.money import format_amount
from wallet.domain.period import format_instant

WORDS = {
    "sale": "Sale",
    "refund": "Refund",
    "pay": "Pay",
    "supply": "Supplies",
    "fund": "To the pool",
    "sweep": "Sweep of a till",
}


def written(book: Book, entries: Iterable[Entry]) -> Iterator[str]:
    """Write a book, its entries in their order, line by line."""
    yield from _head(book)
    before, opening = book.period.day_before, {name: minor for name, minor in book.opening.items() if minor}
    for name in (*book.closing, OPENING, *OTHERS.values()):
        yield f"{before} open {name} RES\n"
    if opening:
        postings = (*opening.items(), (OPENING, -sum(opening.values())))
        yield f'\n{before} * "Opening balances"\n'
        yield from (_posting(name, minor) for name, minor in postings)
    yield from _balances(book.period.first, {name: book.opening.get(name, 0) for name in book.closing})
    for entry in entries:
        yield from _entry(entry, book.cash)
    yield from _balances(book.period.day_after, book.closing)


def quoted(text: str) -> str:
    """Write a text as one that the format reads back as it was."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _head(book: Book) -> Iterator[str]:
    yield f"; Accounts of {book.coop} from {book.period.first} to {book.period.last}, days of {book.zone}.\n"
    yield (
        "; The period is closed: written again, this file is the same.\n"
        if book.closed
        else "; The period is still open: written again, this file may hold more.\n"
    )
    yield (
        "; Load it alone: it opens every account with what was there before."
        " For a longer time, export that time as one period.\n"
    )
    yield f'option "title" {quoted(book.coop)}\noption "operating_currency" "RES"\n\n'


def _entry(entry: Entry, cash: str) -> Iterator[str]:
    other = f"{quoted(entry.other)} " if entry.other else ""
    yield f"\n{entry.on} * {other}{quoted(WORDS[entry.kind])}\n"
    for name, value in (
        ("at", quoted(format_instant(entry.at))),
        ("receipt", quoted(entry.ref)),
        ("of", quoted(entry.answers) if entry.answers else ""),
        ("till", quoted(entry.till) if entry.till else ""),
        ("cash", f"{format_amount(entry.cash_minor)} {cash}" if entry.cash_minor else ""),
        ("minutes", "" if entry.minutes is None else str(entry.minutes)),
        ("note", quoted(entry.note) if entry.note else ""),
    ):
        if value:
            yield f"  {name}: {value}\n"
    for name, minor in entry.postings:
        yield _posting(name, minor)


def _balances(on: date, balances: Mapping[str, int]) -> Iterator[str]:
    yield "\n"
    for name, minor in balances.items():
        # To the cent: without a tolerance of its own the format forgives one.
        yield f"{on} balance {name}  {format_amount(minor)} ~ 0.00 RES\n"


def _posting(account: str, minor: int) -> str:
    return f"  {account}  {format_amount(minor)} RES\n"
