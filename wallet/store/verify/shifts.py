"""Shifts: what was signed at their closing, the sweeps that emptied their tills, and tills that are closed for good."""

from collections.abc import Iterator

import sqlalchemy as sa

from wallet.store.verify.breach import Breach
from wallet.store.verify.question import ask, questions

_FIGURES = {
    f"{counted}{name}": (kind, tender)
    for name, kind in (("sales", "'sale', 'supply'"), ("refunds", "'refund'"))
    for counted, tender in (("", "amount_minor"), ("cash_", "cash_minor"))
}
_SUMS = ", ".join(
    f"SUM(CASE WHEN kind IN ({kind}) AND {tender} > 0 THEN 1 ELSE 0 END) AS {name},"
    f" SUM(CASE WHEN kind IN ({kind}) THEN {tender} ELSE 0 END) AS {name}_minor"
    for name, (kind, tender) in _FIGURES.items()
)
_DIFFER = " OR ".join(f"c.{name}{unit} <> COALESCE(t.{name}{unit}, 0)" for name in _FIGURES for unit in ("", "_minor"))
QUESTIONS = questions(
    (
        "I13", "closings", "Its totals are not those of the sales and refunds of its shift.",
        f"SELECT c.shift_id FROM closings c LEFT JOIN (SELECT shift_id, {_SUMS} FROM transfers"  # noqa: S608
        " WHERE kind IN ('sale', 'refund', 'supply') AND shift_id IS NOT NULL GROUP BY shift_id) t"
        " ON t.shift_id = c.shift_id"
        f" WHERE (:after < 0 OR c.sweep_id > :after) AND ({_DIFFER}) ORDER BY 1",
    ),
    (
        "I13", "closings", "Its sweep did not empty the till into its co-op's account.",
        "SELECT c.shift_id FROM closings c JOIN shifts s ON s.id = c.shift_id JOIN tills l ON l.id = s.till_id"
        " JOIN coops o ON o.id = l.coop_id LEFT JOIN transfers t ON t.id = c.sweep_id AND t.kind = 'sweep'"
        " AND t.shift_id = c.shift_id AND ((t.debit_id = l.account_id AND t.credit_id = o.account_id"
        " AND t.debit_seq = c.till_seq AND t.debit_balance_minor = 0) OR (t.credit_id = l.account_id"
        " AND t.debit_id = o.account_id AND t.credit_seq = c.till_seq AND t.credit_balance_minor = 0))"
        " WHERE c.sweep_id IS NOT NULL AND (:after < 0 OR c.sweep_id > :after) AND t.id IS NULL ORDER BY 1",
    ),
    (
        "I13", "closings", "Nothing was swept, and the till did not stand at 0.",
        "SELECT c.shift_id FROM closings c JOIN shifts s ON s.id = c.shift_id JOIN tills l ON l.id = s.till_id"
        " WHERE c.sweep_id IS NULL AND c.till_seq > 0 AND NOT EXISTS (SELECT 1 FROM transfers t"
        " WHERE t.debit_id = l.account_id AND t.debit_seq = c.till_seq AND t.debit_balance_minor = 0)"
        " AND NOT EXISTS (SELECT 1 FROM transfers t"
        " WHERE t.credit_id = l.account_id AND t.credit_seq = c.till_seq AND t.credit_balance_minor = 0) ORDER BY 1",
    ),
    (
        "I13", "shifts", "It is closed and nobody has signed it, or it is signed and open.",
        "SELECT s.id FROM shifts s LEFT JOIN closings c ON c.shift_id = s.id"
        " WHERE COALESCE(s.closed_at, -1) <> COALESCE(c.closed_at, -1) ORDER BY 1",
    ),
    (
        "I13", "bills", "It can still be paid, and its shift is closed.",
        "SELECT b.code FROM bills b JOIN shifts s ON s.id = b.shift_id"
        " WHERE b.state = 'open' AND s.closed_at IS NOT NULL ORDER BY 1",
    ),
    (
        "I13", "transfers", "It is a sweep of a shift that was never closed with it.",
        "SELECT t.id FROM transfers t LEFT JOIN closings c ON c.sweep_id = t.id AND c.shift_id = t.shift_id"
        " WHERE t.id > :after AND t.kind = 'sweep' AND t.shift_id IS NOT NULL AND c.shift_id IS NULL ORDER BY 1",
    ),
    (
        "I13", "tills", "It is closed, and not empty or with a shift that is open.",
        "SELECT l.id FROM tills l JOIN accounts a ON a.id = l.account_id"
        " LEFT JOIN shifts s ON s.till_id = l.id AND s.closed_at IS NULL"
        " WHERE l.closed_at IS NOT NULL AND (a.balance_minor <> 0 OR s.id IS NOT NULL) ORDER BY 1",
    ),
    (
        "I13", "keys", "It answers with a shift that nobody has closed.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN closings c ON CAST(c.shift_id AS TEXT) = k.made"
        " WHERE k.act = 'shift' AND c.shift_id IS NULL ORDER BY 1",
    ),
)  # fmt: skip


def check(connection: sa.Connection, after: int) -> Iterator[Breach]:
    """Look at what was signed; of sweeps, at those whose id is greater than `after`."""
    yield from ask(connection, QUESTIONS, after)
