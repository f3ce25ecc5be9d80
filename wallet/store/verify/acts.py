"""What was asked for and what came of it: keys, bills, member codes, refunds."""

from collections.abc import Iterator

import sqlalchemy as sa

from wallet.store.verify.breach import Breach
from wallet.store.verify.question import MARGIN, ask, questions

# Lines of a history come one after another, each at its own instant.
_MARGIN = f"CASE WHEN t.means = 'history' THEN 0 ELSE {MARGIN} END"
QUESTIONS = questions(
    (
        "I6", "keys", "It answers with a transfer that does not exist, or that is something else.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN transfers t ON t.ref = k.made AND t.kind = k.act"
        " WHERE k.act NOT IN ('bill', 'refund', 'shift', 'dividend', 'proposal', 'overpayment')"
        " AND t.id IS NULL ORDER BY 1",
    ),
    (
        "I6", "keys", "It answers with a bill that does not exist.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN bills b ON b.code = k.made"
        " WHERE k.act = 'bill' AND b.code IS NULL ORDER BY 1",
    ),
    (
        "I6", "keys", "It answers with a refund that nobody asked for.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN refunds r ON r.ref = k.made"
        " WHERE k.act = 'refund' AND r.ref IS NULL ORDER BY 1",
    ),
    (
        "I6", "keys", "It answers with a question to a second steward that nobody asked.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN proposals p ON CAST(p.id AS text) = k.made"
        " AND p.kind IN ('supply', 'fund') WHERE k.act = 'proposal' AND p.id IS NULL ORDER BY 1",
    ),
    (
        "I6", "keys", "It answers with an overpayment that nobody noted.",
        "SELECT k.scope || '/' || k.key FROM keys k LEFT JOIN overpayments o ON CAST(o.id AS text) = k.made"
        " WHERE k.act = 'overpayment' AND o.id IS NULL ORDER BY 1",
    ),
    (
        "I5", "refunds", "No key asked for it.",
        "SELECT r.ref FROM refunds r LEFT JOIN keys k ON k.made = r.ref AND k.act = 'refund'"
        " WHERE k.key IS NULL AND r.dispute_id IS NULL ORDER BY 1",
    ),
    (
        "I5", "keys", "More than one key made this.",
        "SELECT k.act || ' ' || k.made FROM keys k GROUP BY k.act, k.made HAVING COUNT(*) > 1 ORDER BY 1",
    ),
    (
        "I5", "transfers", "No key asked for it.",
        "SELECT t.id FROM transfers t LEFT JOIN keys k ON k.made = t.ref AND k.act = t.kind"
        " WHERE t.id > :after AND t.kind IN ('pay', 'sale', 'gift', 'supply', 'fund') AND k.key IS NULL ORDER BY 1",
    ),
    (
        "I7", "bills", "It is paid by a transfer that is not the sale it asks for.",
        "SELECT b.code FROM bills b LEFT JOIN transfers t ON t.id = b.transfer_id LEFT JOIN accounts d"
        " ON d.id = t.debit_id WHERE b.state = 'paid' AND (b.transfer_id > :after OR b.transfer_id IS NULL)"
        " AND (t.id IS NULL OR t.kind <> CASE WHEN d.kind = 'coop' THEN 'supply' ELSE 'sale' END"
        " OR t.bill IS NULL OR t.bill <> b.code OR t.till_id <> b.till_id"
        " OR t.shift_id <> b.shift_id OR COALESCE(t.cashier_id, -1) <> COALESCE(b.cashier_id, -1)"
        " OR t.amount_minor <> b.amount_minor - b.cash_minor OR t.cash_minor <> b.cash_minor) ORDER BY 1",
    ),
    (
        "I7", "bills", "It is paid by a co-op that does not stand on it, or by its own.",
        "SELECT b.code FROM bills b JOIN transfers t ON t.id = b.transfer_id JOIN tills l ON l.id = b.till_id"
        " JOIN coops s ON s.id = l.coop_id LEFT JOIN coops c ON c.id = b.buyer_id WHERE t.id > :after"
        " AND t.kind = 'supply' AND (c.id IS NULL OR c.id = s.id OR t.debit_id <> c.account_id"
        " OR t.credit_id <> s.account_id) ORDER BY 1",
    ),
    (
        "I7", "bills", "It is bound to one member and paid by another.",
        "SELECT b.code FROM bills b JOIN transfers t ON t.id = b.transfer_id JOIN people p ON p.id = b.bound_to"
        " WHERE t.id > :after AND (p.account_id IS NULL OR p.account_id <> t.debit_id) ORDER BY 1",
    ),
    (
        "I7", "bills", "It is not paid, and yet has a transfer.",
        "SELECT b.code FROM bills b WHERE b.state <> 'paid' AND b.transfer_id IS NOT NULL ORDER BY 1",
    ),
    (
        "I7", "transfers", "It names a bill that it did not pay.",
        "SELECT t.id FROM transfers t LEFT JOIN bills b ON b.transfer_id = t.id AND b.code = t.bill"
        " WHERE t.id > :after AND t.bill IS NOT NULL AND b.code IS NULL ORDER BY 1",
    ),
    (
        "I7", "transfers", "It charged a member code of which no attempt is known.",
        "SELECT t.id FROM transfers t WHERE t.id > :after AND t.means = 'code' AND NOT EXISTS (SELECT 1 FROM keys k"
        " JOIN code_attempts a ON k.scope = 'till:' || a.till_id AND k.key = a.key"
        " JOIN code_keys c ON c.device = a.device JOIN people p ON p.id = c.person_id"
        " WHERE k.made = t.ref AND a.outcome = 'paid' AND a.till_id = t.till_id AND p.account_id = t.debit_id)"
        " ORDER BY 1",
    ),
    (
        "I7", "code_attempts", "It says that it paid, and no sale is known.",
        "SELECT a.device || '/' || a.step FROM code_attempts a"
        " LEFT JOIN keys k ON k.scope = 'till:' || a.till_id AND k.key = a.key AND k.act = 'sale'"
        " LEFT JOIN transfers t ON t.ref = k.made AND t.means = 'code'"
        " WHERE a.outcome = 'paid' AND t.id IS NULL ORDER BY 1",
    ),
    (
        "I7", "code_attempts", "More than one code was used up for one charge.",
        "SELECT MIN(a.device || '/' || a.step) FROM code_attempts a WHERE a.outcome = 'paid'"
        " GROUP BY a.till_id, a.key HAVING COUNT(*) > 1 ORDER BY 1",
    ),
    (
        "I7", "code_attempts", "The phone's code of this step was tried, and could be tried again.",
        "SELECT a.device || '/' || a.step FROM code_attempts a LEFT JOIN code_keys c ON c.device = a.device"
        " WHERE c.device IS NULL OR a.step > c.last_step ORDER BY 1",
    ),
    (
        "I8", "transfers", "It answers to no sale.",
        "SELECT t.id FROM transfers t LEFT JOIN transfers s ON s.id = t.answers_id"
        " WHERE t.id > :after AND t.kind = 'refund' AND (s.id IS NULL OR s.kind <> 'sale') ORDER BY 1",
    ),
    (
        "I8", "sale_refunds", "It does not say what the sale's refunds come to.",
        "SELECT r.sale_id FROM sale_refunds r LEFT JOIN transfers t ON t.answers_id = r.sale_id AND t.kind = 'refund'"
        " GROUP BY r.sale_id, r.refunded_minor, r.cash_refunded_minor"
        " HAVING r.refunded_minor <> COALESCE(SUM(t.amount_minor), 0)"
        " OR r.cash_refunded_minor <> COALESCE(SUM(t.cash_minor), 0) ORDER BY 1",
    ),
    (
        "I8", "transfers", "It was refunded, and nothing counts its refunds.",
        "SELECT DISTINCT t.answers_id FROM transfers t LEFT JOIN sale_refunds r ON r.sale_id = t.answers_id"
        " WHERE t.id > :after AND t.kind = 'refund' AND t.answers_id IS NOT NULL AND r.sale_id IS NULL ORDER BY 1",
    ),
    (
        "I8", "refunds", "It was given back by a transfer that is not what was asked for.",
        "SELECT r.ref FROM refunds r LEFT JOIN transfers t ON t.id = r.transfer_id WHERE (r.state = 'posted')"
        " <> (r.transfer_id IS NOT NULL) OR (r.state = 'posted' AND (t.id IS NULL OR t.kind <> 'refund'"
        " OR t.ref <> r.ref OR t.answers_id <> r.sale_id"
        " OR COALESCE(t.cashier_id, -1) <> CASE WHEN r.dispute_id IS NULL THEN r.asked_by ELSE -1 END"
        " OR t.amount_minor <> r.amount_minor OR t.cash_minor <> r.cash_minor)) ORDER BY 1",
    ),
    (
        "I8", "transfers", "It was given back, and nobody asked for it.",
        "SELECT t.id FROM transfers t LEFT JOIN refunds r ON r.transfer_id = t.id WHERE t.id > :after"
        " AND t.kind = 'refund' AND COALESCE(t.means, '') <> 'history' AND r.ref IS NULL ORDER BY 1",
    ),
    (
        "I8", "transfers", "It left another account than that of the till which it names.",
        "SELECT t.id FROM transfers t JOIN tills l ON l.id = t.till_id WHERE t.id > :after AND t.kind = 'refund'"
        " AND t.debit_id <> l.account_id ORDER BY 1",
    ),
    (
        "I8", "refunds", "It waited for a steward, and none but its asker or its payer agreed, or too late.",
        "SELECT r.ref FROM refunds r JOIN transfers s ON s.id = r.sale_id JOIN people p ON p.account_id = s.debit_id"
        " WHERE r.state = 'posted' AND r.lapses_at IS NOT NULL AND (r.approved_by IS NULL OR r.approved_at IS NULL"
        " OR r.approved_by IN (r.asked_by, p.id) OR r.approved_at >= r.lapses_at) ORDER BY 1",
    ),
    (
        "I8", "refunds", "Who asked for it had paid the sale.",
        "SELECT r.ref FROM refunds r JOIN transfers s ON s.id = r.sale_id JOIN people p ON p.account_id = s.debit_id"
        " WHERE r.asked_by = p.id AND r.dispute_id IS NULL ORDER BY 1",
    ),
    (
        "I8", "refunds", "It was withdrawn or declined, and had not waited, had lapsed, or was posted.",
        "SELECT r.ref FROM refunds r WHERE r.state IN ('withdrawn', 'declined') <> (r.ended_at IS NOT NULL)"
        " OR (r.ended_at IS NOT NULL AND (r.lapses_at IS NULL OR r.ended_at >= r.lapses_at OR r.transfer_id IS NOT NULL"
        " OR r.ended_by IS NULL)) ORDER BY 1",
    ),
    (
        "I8", "refunds", "Its asker, or its payer, declined it.",
        "SELECT r.ref FROM refunds r JOIN transfers s ON s.id = r.sale_id JOIN people p ON p.account_id = s.debit_id"
        " WHERE r.state = 'declined' AND r.ended_by IN (r.asked_by, p.id) ORDER BY 1",
    ),
    (
        "I8", "refunds", "A dispute ordered it that is about another sale, or of another member.",
        "SELECT r.ref FROM refunds r JOIN disputes d ON d.id = r.dispute_id"
        " WHERE d.transfer_id <> r.sale_id OR d.coop_id <> r.coop_id OR d.person_id <> r.asked_by"
        " OR r.lapses_at IS NOT NULL OR r.approved_by = d.person_id"
        " OR (r.approved_by IS NULL AND COALESCE(d.carried_id, -1) <> COALESCE(r.transfer_id, -1)) ORDER BY 1",
    ),
    (
        "I8", "disputes", "It is carried by a transfer that does not give back what is disputed.",
        "SELECT d.ref FROM disputes d LEFT JOIN transfers t ON t.id = d.carried_id WHERE d.carried_id IS NOT NULL"
        " AND (t.id IS NULL OR t.kind <> 'refund' OR t.answers_id <> d.transfer_id OR (t.at <> d.opened_at"
        # While payments are stopped nothing is carried; once they go on it is.
        " AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.at <= d.opened_at AND h.lifted_at >= d.opened_at"
        " AND h.lifted_at <= t.at))) ORDER BY 1",
    ),
    (
        "I8", "disputes", "It is about a transfer between others.",
        "SELECT d.ref FROM disputes d JOIN transfers t ON t.id = d.transfer_id JOIN people p ON p.id = d.person_id"
        " JOIN coops c ON c.id = d.coop_id LEFT JOIN tills l ON l.account_id = t.credit_id WHERE NOT ("
        " (t.kind = 'sale' AND t.debit_id = p.account_id AND (t.credit_id = c.account_id OR l.coop_id = c.id))"
        " OR (t.kind = 'pay' AND t.credit_id = p.account_id AND t.debit_id = c.account_id)) ORDER BY 1",
    ),
    (
        "I9", "transfers", "It qualifies, and yet the payer was a member of the co-op.",
        "SELECT t.id FROM member_terms m JOIN people p ON p.id = m.person_id JOIN ("  # noqa: S608
        "SELECT account_id, id AS coop_id FROM coops UNION ALL SELECT account_id, coop_id FROM tills"
        ") c ON c.coop_id = m.coop_id JOIN transfers t ON t.debit_id = p.account_id AND t.credit_id = c.account_id"
        f" WHERE t.id > :after AND t.kind = 'sale' AND t.qualifies AND t.at > m.from_at + {_MARGIN}"
        f" AND (m.until_at IS NULL OR t.at < m.until_at - {_MARGIN}) ORDER BY 1",
    ),
    *(
        (
            "I9", table, "It is a running row of somebody without a wallet.",
            f"SELECT r.person_id FROM {table} r LEFT JOIN people p ON p.id = r.person_id"  # noqa: S608
            " WHERE p.account_id IS NULL ORDER BY 1",
        )
        for table in ("patronage_months", "basis_months", "work_months", "code_days", "shares")
    ),
    (
        "I9", "own_set", "It says when somebody without a wallet was paid.",
        "SELECT r.person_id FROM own_set r LEFT JOIN people p ON p.id = r.person_id"
        " WHERE p.account_id IS NULL AND r.last_paid_at IS NOT NULL ORDER BY 1",
    ),
)  # fmt: skip


def check(connection: sa.Connection, after: int) -> Iterator[Breach]:
    """Look at everything that was asked for; of transfers, at those whose id is greater than `after`."""
    yield from ask(connection, QUESTIONS, after)
