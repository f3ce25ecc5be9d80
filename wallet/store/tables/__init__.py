"""Every table; store/columns.py says what their columns mean."""

from wallet.store.tables.access import challenges, invitations, notices, passkeys, recovery_codes
from wallet.store.tables.ballots import ballot_coops, ballot_papers, ballot_places, ballots
from wallet.store.tables.counter import bills, closings, code_attempts, code_days, code_keys, shifts
from wallet.store.tables.declarations import declarations
from wallet.store.tables.disputes import dispute_notes, disputes
from wallet.store.tables.dividends import dividend_lines, dividend_runs
from wallet.store.tables.gifts import receive_codes
from wallet.store.tables.ledger import (
    accounts,
    basis_months,
    circulation_months,
    credit_lines,
    halts,
    keys,
    patronage_months,
    sale_refunds,
    shares,
    transfers,
    work_months,
)
from wallet.store.tables.limits import limit_raises, phone_days, rate_buckets
from wallet.store.tables.network import coops, federation, suspensions, tills
from wallet.store.tables.office import invitation_lists, proposals
from wallet.store.tables.payday import (
    agreements,
    cash_floors,
    elections,
    overpayments,
    pay_ceilings,
    pay_lines,
    pay_runs,
)
from wallet.store.tables.people import own_set, people, roles, sessions
from wallet.store.tables.refunds import refunds
from wallet.store.tables.schema import metadata
from wallet.store.tables.tablets import pairings, tablets, till_keys
from wallet.store.tables.terms import coop_terms, member_terms

__all__ = [
    "accounts",
    "agreements",
    "ballot_coops",
    "ballot_papers",
    "ballot_places",
    "ballots",
    "basis_months",
    "bills",
    "cash_floors",
    "challenges",
    "circulation_months",
    "closings",
    "code_attempts",
    "code_days",
    "code_keys",
    "coop_terms",
    "coops",
    "credit_lines",
    "declarations",
    "dispute_notes",
    "disputes",
    "dividend_lines",
    "dividend_runs",
    "elections",
    "federation",
    "halts",
    "invitation_lists",
    "invitations",
    "keys",
    "limit_raises",
    "member_terms",
    "metadata",
    "notices",
    "overpayments",
    "own_set",
    "pairings",
    "passkeys",
    "patronage_months",
    "pay_ceilings",
    "pay_lines",
    "pay_runs",
    "people",
    "phone_days",
    "proposals",
    "rate_buckets",
    "receive_codes",
    "recovery_codes",
    "refunds",
    "roles",
    "sale_refunds",
    "sessions",
    "shares",
    "shifts",
    "suspensions",
    "tablets",
    "till_keys",
    "tills",
    "transfers",
    "work_months",
]
