"""The ledger: the only writer of transfers and balances."""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.basis import SoldBasis
from wallet.domain.charter import Charter
from wallet.domain.patronage import month_reduced
from wallet.domain.period import month_of
from wallet.domain.transfer import Circumstance, Posted
from wallet.domain.words import words_for
from wallet.errors import refuse
from wallet.store import accounts, ownset, patronage
from wallet.store.accounts import Stand
from wallet.store.columns import micros
from wallet.store.engine import call, is_postgresql
from wallet.store.statements import claim_row
from wallet.store.tables import sale_refunds, transfers

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NOWHERE = Circumstance()
DAY_MICROS = 86_400_000_000

_insert = sa.insert(transfers).returning(transfers.c.id)
_insert_xact = (
    sa.insert(transfers)
    .values(xact=sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger))
    .returning(transfers.c.id)
)
_first_refund = claim_row(sale_refunds)
_f, _c = sa.bindparam("f_minor", type_=sa.BigInteger), sa.bindparam("c_minor", type_=sa.BigInteger)
_sale = sa.select(transfers).where(transfers.c.ref == sa.bindparam("of_ref"), transfers.c.kind == "sale")
_find = sa.select(transfers).where(transfers.c.ref == sa.bindparam("of_ref"))
_part = (
    sa.update(sale_refunds)
    .values(
        refunded_minor=sale_refunds.c.refunded_minor + _f, cash_refunded_minor=sale_refunds.c.cash_refunded_minor + _c
    )
    .where(
        sale_refunds.c.sale_id == sa.bindparam("of_sale"),
        sale_refunds.c.refunded_minor + _f <= sa.bindparam("most_minor"),
        sale_refunds.c.cash_refunded_minor + _c <= sa.bindparam("most_cash"),
    )
    .returning(sale_refunds.c.refunded_minor)
)


_POST_SALE = "SELECT * FROM post_sale(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def new_ref() -> str:
    """Draw the public number of a transfer: random, so that it tells nothing about others."""
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(12))


def find(connection: sa.Connection, ref: str) -> Any:
    """Give the transfer `ref`, which exists."""
    return connection.execute(_find, {"of_ref": ref}).one()


def find_sale(connection: sa.Connection, ref: str) -> Any:
    """Give the sale `ref`.

    Raises: Refusal unknown_sale.
    """
    found = connection.execute(_sale, {"of_ref": ref}).first()
    if found is None:
        raise refuse("unknown_sale")
    return found


def _write(
    connection: sa.Connection,
    kind: str,
    ref: str,
    at: datetime,
    debit: int,
    credit: int,
    amount: int,
    debited: Stand,
    credited: Stand,
    **more: Any,
) -> Posted:
    row = {
        "kind": kind,
        "ref": ref,
        "at": at,
        "debit_id": debit,
        "credit_id": credit,
        "amount_minor": amount,
        "debit_seq": debited.seq,
        "credit_seq": credited.seq,
        "debit_balance_minor": debited.balance_minor,
        "credit_balance_minor": credited.balance_minor,
    }
    statement = _insert_xact if is_postgresql(connection) else _insert
    made = connection.execute(statement, row | more).scalar_one()
    return Posted(made, ref, at, amount, more.get("cash_minor", 0), debited.balance_minor, credited.balance_minor)


def post_sale(
    connection: sa.Connection,
    ref: str,
    at: datetime,
    payer: int,
    coop_id: int,
    payee: int,
    amount_minor: int,
    cash_minor: int,
    charter: Charter,
    where: Circumstance = NOWHERE,
) -> Posted:
    """Move a sale's RES part from the wallet `payer` to the till or co-op account `payee`, judge it and count it.

    Raises: Refusal insufficient_funds.
    Locks:  the wallet, then the payee, until commit.
    Source: docs/ledger.md
    """
    if is_postgresql(connection):
        return _post_sale_in_one_call(
            connection, ref, at, payer, coop_id, payee, amount_minor, cash_minor, charter, where
        )
    wallet = accounts.lock(connection, [payer])[payer]
    qualifies = ownset.why_own(connection, wallet.person_id, coop_id, at, charter) is None
    if amount_minor > wallet.standing.balance_minor:
        raise refuse("insufficient_funds")
    moved = basis.spent(wallet.standing, amount_minor, qualifies=qualifies)
    debited = accounts.stand(connection, wallet, moved.after)
    month = month_of(at, wallet.zone)
    if qualifies:
        spend = amount_minor + cash_minor
        patronage.add_patronage(connection, wallet.person_id, month, month, spend_minor=spend)
        patronage.add_basis(connection, wallet.person_id, month, moved.basis_minor, moved.minutes)
    credited = accounts.add(connection, payee, amount_minor)
    posted = _write(
        connection,
        "sale",
        ref,
        at,
        payer,
        payee,
        amount_minor,
        debited,
        credited,
        cash_minor=cash_minor,
        qualifies=qualifies,
        basis_minor=moved.basis_minor,
        basis_minutes=moved.minutes,
        words=words_for(ref),
        **_columns(where),
    )
    return replace(posted, qualifies=qualifies, basis_minor=moved.basis_minor, basis_minutes=moved.minutes)


def _post_sale_in_one_call(
    connection: sa.Connection,
    ref: str,
    at: datetime,
    payer: int,
    coop_id: int,
    payee: int,
    amount_minor: int,
    cash_minor: int,
    charter: Charter,
    where: Circumstance,
) -> Posted:
    own_since = micros(at) - charter.own_set_days * DAY_MICROS
    words = words_for(ref)
    row = call(
        connection,
        _POST_SALE,
        (
            ref,
            words,
            micros(at),
            payer,
            coop_id,
            payee,
            amount_minor,
            cash_minor,
            own_since,
            where.till,
            where.shift_id,
            where.cashier_id,
            where.bill,
            where.note,
            where.means,
        ),
    )
    return Posted(row.id, ref, at, amount_minor, cash_minor, *row[1:])


def _columns(where: Circumstance) -> dict[str, Any]:
    columns = asdict(where)
    columns["till_id"] = columns.pop("till")
    return columns


def post_refund(
    connection: sa.Connection,
    ref: str,
    at: datetime,
    sale: Any,
    amount_minor: int,
    cash_minor: int,
    where: Circumstance = NOWHERE,
) -> Posted:
    """Give back a part of `sale` in the same tender, and what it did to the payer's basis.

    Raises: Refusal refund_exceeds_sale.
    Locks:  the sale's refund row, the wallet, then the payee, until commit.
    """
    connection.execute(_first_refund, {"sale_id": sale.id, "refunded_minor": 0, "cash_refunded_minor": 0})
    part = {"of_sale": sale.id, "f_minor": amount_minor, "c_minor": cash_minor}
    most = {"most_minor": sale.amount_minor, "most_cash": sale.cash_minor}
    refunded = connection.execute(_part, part | most).scalar()
    if refunded is None:
        raise refuse("refund_exceeds_sale")
    wallet = accounts.lock(connection, [sale.debit_id])[sale.debit_id]
    sold = SoldBasis(sale.amount_minor, sale.basis_minor, sale.basis_minutes)
    back, minutes = basis.given_back(sold, refunded - amount_minor, refunded)
    credited = accounts.stand(connection, wallet, basis.refunded(wallet.standing, amount_minor, back, minutes))
    if sale.qualifies:
        month, sold_in = month_of(at, wallet.zone), month_of(sale.at, wallet.zone)
        spend = -(amount_minor + cash_minor)
        patronage.add_patronage(connection, wallet.person_id, month_reduced(sold_in, month), month, spend_minor=spend)
        patronage.add_basis(connection, wallet.person_id, sold_in, -back, -minutes)
    debited = accounts.add(connection, sale.credit_id, -amount_minor)
    posted = _write(
        connection,
        "refund",
        ref,
        at,
        sale.credit_id,
        sale.debit_id,
        amount_minor,
        debited,
        credited,
        cash_minor=cash_minor,
        basis_minor=back,
        basis_minutes=minutes,
        answers_id=sale.id,
        **_columns(where),
    )
    return replace(posted, basis_minor=back, basis_minutes=minutes)


def post_pay(
    connection: sa.Connection,
    ref: str,
    at: datetime,
    coop_id: int,
    payer: int,
    payee: int,
    total_minor: int,
    minutes: int,
    share_bp: int,
    charter: Charter,
) -> Posted:
    """Pay a line of `total_minor` for `minutes`, its RES part by `share_bp`, from a co-op to a wallet.

    Raises: Refusal insufficient_funds.
    Locks:  the wallet, the co-op's tills, then the co-op, until commit.
    """
    wallet = accounts.lock(connection, [payee])[payee]
    res = basis.res_part(total_minor, share_bp)
    month = month_of(at, wallet.zone)
    counted = basis.counted_minutes(minutes, patronage.counted_before(connection, wallet.person_id, month), charter)
    credited = accounts.stand(connection, wallet, basis.paid(wallet.standing, res, total_minor, counted, charter))
    patronage.add_work(connection, wallet.person_id, month, counted)
    patronage.add_patronage(connection, wallet.person_id, month, month, income_minor=total_minor)
    ownset.paid(connection, wallet.person_id, coop_id, at)
    sweep(connection, at, coop_id, payer)
    debited = accounts.take(connection, payer, res)
    return _write(
        connection,
        "pay",
        ref,
        at,
        payer,
        payee,
        res,
        debited,
        credited,
        cash_minor=total_minor - res,
        total_minor=total_minor,
        minutes=minutes,
        counted_minutes=counted,
        share_bp=share_bp,
    )


def post_gift(
    connection: sa.Connection,
    ref: str,
    at: datetime,
    payer: int,
    payee: int,
    amount_minor: int,
    note: str | None = None,
) -> Posted:
    """Move a gift between two wallets.

    Raises: Refusal insufficient_funds.
    Locks:  both wallets in their order, until commit.
    """
    wallets = accounts.lock(connection, [payer, payee])
    giver, taker = wallets[payer], wallets[payee]
    if amount_minor > giver.standing.balance_minor:
        raise refuse("insufficient_funds")
    debited = accounts.stand(connection, giver, basis.spent(giver.standing, amount_minor, qualifies=False).after)
    credited = accounts.stand(connection, taker, basis.received(taker.standing, amount_minor))
    return _write(connection, "gift", ref, at, payer, payee, amount_minor, debited, credited, note=note)


def post_from_coop(
    connection: sa.Connection,
    kind: str,
    ref: str,
    at: datetime,
    coop_id: int,
    payer: int,
    payee: int,
    amount_minor: int,
) -> Posted:
    """Move a `supply` to another co-op or a `fund` to the pool.

    Raises: Refusal insufficient_funds.
    Locks:  the payer's tills, then both accounts in their order, until commit.
    """
    sweep(connection, at, coop_id, payer, payee)
    debited = accounts.take(connection, payer, amount_minor)
    credited = accounts.add(connection, payee, amount_minor)
    return _write(connection, kind, ref, at, payer, payee, amount_minor, debited, credited)


def sweep(connection: sa.Connection, at: datetime, coop_id: int, account_id: int, *others: int) -> None:
    """Bring what lies in a co-op's tills, or what they owe, to its own account.

    Locks: the tills, then the co-op's account and `others` in their order, until commit.
    """
    lying = [till for till in accounts.lock_tills(connection, coop_id) if till[1] != 0]
    accounts.lock(connection, [account_id, *others])
    for till, balance in lying:
        emptied, swept = accounts.add(connection, till, -balance), accounts.add(connection, account_id, balance)
        if balance > 0:
            _write(connection, "sweep", new_ref(), at, till, account_id, balance, emptied, swept)
        else:
            _write(connection, "sweep", new_ref(), at, account_id, till, -balance, swept, emptied)
