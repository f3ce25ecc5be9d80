"""Each sentence of verify about a transfer by itself, and about an account's owner, has a tampering that it tells."""

from tests.tampering import untold
from wallet.kit import Kit

OF = "UPDATE transfers SET {} WHERE id = (SELECT MIN(id) FROM transfers WHERE kind = '{}')"
KINDS = ("pay", "sale", "refund", "gift", "supply", "fund", "sweep")
ACCOUNT = "(SELECT account_id FROM {} WHERE {} = '{}')"
CY, MILL, CLINIC = (
    ACCOUNT.format(table, column, name)
    for table, column, name in (("people", "handle", "cy"), ("coops", "slug", "mill"), ("coops", "slug", "clinic"))
)
TILL, POOL = ACCOUNT.format("tills", "id", "mill-1"), "(SELECT id FROM accounts WHERE kind = 'pool')"
# For each kind, accounts of which none may be the one that pays or is paid.
STRANGE = {
    "pay": ((CY, TILL, POOL), (MILL, TILL, POOL)),
    "sale": ((MILL, TILL, POOL), (CY, POOL)),
    "refund": ((CY, POOL), (MILL, TILL, POOL)),
    "gift": ((MILL, TILL, POOL), (MILL, TILL, POOL)),
    "supply": ((CY, TILL, POOL), (CY, TILL, POOL)),
    "fund": ((CY, TILL, POOL), (CY, MILL, TILL)),
    "sweep": ((CY, POOL), (CY, POOL)),
}
ELSEWHERE = "It names a till, a shift of it or a cashier that does not exist."
NOBODYS = "An account belongs to nobody, or to more than one."

# How a sentence begins, and what somebody with the database did of which it tells.
TAMPERED: dict[str, tuple[str, ...]] = {
    **{
        f"A {kind} does not run between two such accounts.": (
            OF.format("debit_id = credit_id", kind),
            *(OF.format(f"{side}_id = 9999", kind) for side in ("debit", "credit")),
            *(OF.format(f"debit_id = {account}", kind) for account in STRANGE[kind][0]),
            *(OF.format(f"credit_id = {account}", kind) for account in STRANGE[kind][1]),
        )
        for kind in KINDS
    },
    **{
        f"A {kind} cannot be of": (
            OF.format("amount_minor = -1", kind),
            OF.format("cash_minor = -1", kind),
            *([] if kind == "pay" else [OF.format("amount_minor = 0, cash_minor = 0", kind)]),
            *([] if kind in ("pay", "sale", "refund") else [OF.format("cash_minor = 1", kind)]),
        )
        for kind in KINDS
    },
    "A sweep runs between a co-op and a till of another.": (
        OF.format(f"credit_id = {CLINIC}", "sweep"),
        OF.format("debit_id = (SELECT account_id FROM tills WHERE id = 'clinic-1')", "sweep"),
        OF.format("credit_id = 9999", "sweep"),
    ),
    "A sale at a till went into another account.": (
        f"UPDATE transfers SET credit_id = {CLINIC} WHERE kind = 'sale' AND till_id IS NOT NULL",
        f"UPDATE transfers SET credit_id = {TILL} WHERE kind = 'sale' AND till_id = 'bakery-1'",
    ),
    ELSEWHERE: (
        OF.format("till_id = 'nowhere-1', shift_id = NULL", "sale"),
        OF.format("cashier_id = 9999", "sale"),
        OF.format("shift_id = 9999", "sale"),
        "UPDATE shifts SET till_id = 'clinic-1' WHERE till_id = 'bakery-1'",
    ),
    NOBODYS: (
        "INSERT INTO accounts (id, kind, rank) VALUES (9999, 'coop', 2)",
        "UPDATE people SET account_id = NULL WHERE handle = 'cy'",
        "UPDATE tills SET account_id = 9999 WHERE id = 'mill-1'",
        "UPDATE coops SET account_id = 9999 WHERE slug = 'mill'",
    ),
    "There is a second pool.": ("INSERT INTO accounts (id, kind, rank) VALUES (9999, 'pool', 1)",),
    "All balances sum to 1 and not to 0.": (f"UPDATE accounts SET balance_minor = balance_minor + 1 WHERE id = {CY}",),
}  # fmt: skip


def test_every_strange_transfer_is_told(books: Kit) -> None:
    assert untold(books, TAMPERED) == []
