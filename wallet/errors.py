"""Refusals: the expected noes of the wallet, each with a code, a status and a sentence for people."""

from collections.abc import Callable
from typing import Any

from wallet.i18n import N_
from wallet.i18n import gettext as _

# code: (HTTP status, default sentence: what happened, whether money moved, what to do next)
# Where a request that was answered before may be refused, since a role or a session has ended or the wallet is busy,
# the sentence speaks of this try alone.
DEFAULTS: dict[str, tuple[int, str]] = {
    "bad_amount": (400, N_("This is not an amount the wallet can take. No money moved. Write it like 12.50.")),
    "bad_form": (400, N_("Something in this request is missing or malformed. No money moved. Go back and check it.")),
    "not_signed_in": (401, N_("You are not signed in. This try moved no money. Sign in and try again.")),
    "not_allowed": (403, N_("This is not yours to do. No money moved. Ask somebody who may do it.")),
    "step_up_required": (403, N_("Confirm with your passkey first. No money moved.")),
    "confined": (
        403,
        N_(
            "This waits for three days after a way back in person. Nothing was changed and no money moved. Until when "
            "and why stands under You, Ways in."
        ),
    ),
    "passkey_doubted": (
        403,
        N_(
            "This passkey may have been copied, so it does not count here. Nothing was changed and no money moved. Use "
            "another passkey of yours, or sign in with a recovery code and make a new one."
        ),
    ),
    "passkey_refused": (403, N_("This passkey did not prove that it is you. Nothing was changed. Try again.")),
    "unknown_page": (404, N_("There is nothing at this address. Check it or go back to the start.")),
    "unknown_coop": (
        404,
        N_(
            "There is no such co-op here, or it is not yours to act for. This try moved no money; what was done before "
            "stands. Check how it is written, or ask its stewards."
        ),
    ),
    "unknown_member": (404, N_("There is no such member here. No money moved. Check how the handle is written.")),
    "unknown_sale": (
        404,
        N_(
            "There is no such sale here, or it is not yours to give back. This try moved no money; what was done "
            "before stands. Check the number of the receipt."
        ),
    ),
    "unknown_refund": (
        404,
        N_(
            "There is no such refund here, or it is not yours to see. This try moved no money; what was done before "
            "stands. Ask at the till."
        ),
    ),
    "unknown_receipt": (
        404,
        N_("There is no such receipt here, or it is not yours to see. Look for it in Activity or at the till."),
    ),
    "unknown_slip": (
        404,
        N_("There is no such pay slip here, or it is not yours to see. Look for it among your pay slips."),
    ),
    "unknown_bill": (404, N_("There is no such bill. No money moved. Check the code or ask the till for a new one.")),
    "unknown_till": (
        404,
        N_(
            "There is no such till here, or it is not yours. This try moved no money; what was done before stands. Ask "
            "a steward of the co-op."
        ),
    ),
    "unknown_passkey": (404, N_("The wallet does not know this passkey. Nothing was changed. Choose another one.")),
    "unknown_invitation": (404, N_("There is no such invitation. Check the link, or ask for a new one.")),
    "unknown_code": (404, N_("This recovery code does not work. Nothing was changed. Check it, or use another one.")),
    "unknown_pairing": (
        404,
        N_("There is no such tablet code, or it has run out. Nothing was changed. Show a new one."),
    ),
    "unknown_tablet": (
        404,
        N_("There is no such tablet here, or it is no till any more. Nothing was changed. Look at the list once more."),
    ),
    "unknown_session": (
        404,
        N_("There is no such sign-in of yours; it may have ended already. Look at the list once more."),
    ),
    "wrong_method": (
        405,
        N_("This address does not take that kind of request. No money moved. Go back and try again from there."),
    ),
    "insufficient_funds": (
        409,
        N_("There is not enough RES for this. No money moved. Choose a smaller sum, or pay a part in another way."),
    ),
    "bill_already_paid": (
        409,
        N_("This bill is already paid. No further money moved. For another purchase ask the till for a new one."),
    ),
    "dividend_off": (
        409,
        N_("The dividend is switched off for this period. No money moved. A ballot switches it on again."),
    ),
    "account_not_open": (409, N_("This counter takes no payments at present. No money moved. Ask there how to go on.")),
    "payments_stopped": (
        409,
        N_("Payments are stopped everywhere while the federation checks its books. No money moved. Try again later."),
    ),
    "not_suspended": (409, N_("This co-op is not suspended. Nothing was changed. Look at it again.")),
    "already_waiting": (409, N_("This waits for a second person already. Nothing was changed. Ask another to agree.")),
    "already_decided": (409, N_("Somebody has decided this already. Nothing was changed. Look at it again.")),
    "second_person": (
        409,
        N_("This takes two people, and the second must be somebody else. Nothing was changed. Ask another to agree."),
    ),
    "changed_meanwhile": (409, N_("Somebody has changed this meanwhile. Nothing was done. Look at it again.")),
    "run_not_ready": (409, N_("This pay run is not ready. No money moved. Look at what it still needs.")),
    "unknown_run": (
        404,
        N_(
            "There is no such pay run here, or it is not yours to see. This try moved no money; what was done before "
            "stands. Look at the list once more."
        ),
    ),
    "unknown_dispute": (404, N_("There is no such note here, or it is not yours to see. Look for it on the receipt.")),
    "dispute_over": (409, N_("This is settled already. Nothing was changed. Look at it again.")),
    "unknown_ballot": (404, N_("There is no such ballot here. Nothing was changed. Look at the list once more.")),
    "vote_cast": (
        409,
        N_("You have voted there already. A vote that is cast can be neither found nor changed. Wait for the count."),
    ),
    "unknown_proposal": (
        404,
        N_(
            "There is no such proposal here, or it is not yours to decide. This try changed nothing; what was done "
            "before stands. Look at the list once more."
        ),
    ),
    "unknown_shift": (404, N_("There is no such shift here. Nothing was changed. Look at the list once more.")),
    "shift_closed": (409, N_("This shift is closed already. No further money moved. Look at its report.")),
    "shift_open": (409, N_("A shift is open at this counter. Nothing was changed. Close it first.")),
    "bill_open": (409, N_("A bill is still open. No money moved. Cancel it, or wait until it is paid or runs out.")),
    "difference": (409, N_("The register and the ledger differ. The shift stays open. Look at it, or give a reason.")),
    "refunded_meanwhile": (
        409,
        N_("Something of this sale was given back a moment ago. No money moved again. Look at what is left of it."),
    ),
    "refund_posted": (
        409,
        N_(
            "A steward approved this refund a moment ago: the money has gone back. Nothing more moved. Look at the "
            "receipt."
        ),
    ),
    "refund_exceeds_sale": (
        409,
        N_("This is more than is left of the sale. No money moved. Look at what is left of it."),
    ),
    "name_taken": (
        409,
        N_(
            "A co-op here has this name, or had it, and members could not tell the two apart. Nothing was changed. "
            "Give it another name."
        ),
    ),
    "looks_repeated": (
        409,
        N_("The same sum was paid here moments ago. No further money moved. If it is a second purchase, confirm it."),
    ),
    "cash_part_required": (
        409,
        N_("This co-op takes only a part of a sale in RES. No money moved. Take the rest in cash and log it."),
    ),
    "steward_required": (
        409,
        N_(
            "More cash would be logged for one member today than a cashier may log. No money moved. "
            "A steward has to sign in at the till and charge it anew."
        ),
    ),
    "passkey_known": (409, N_("This passkey is here already. Nothing was changed. Sign in with it.")),
    "last_passkey": (409, N_("This is your last passkey. Nothing was changed. Add another one first.")),
    "bill_expired": (410, N_("The bill ran out. No money moved. Ask the till for a new one.")),
    "bill_cancelled": (410, N_("The till cancelled this bill. No money moved. Ask the till for a new one.")),
    "bill_declined": (410, N_("This bill was declined. No money moved. Ask the till for a new one.")),
    "ballot_over": (410, N_("This ballot is not open. Nothing was cast. Look at what came of it.")),
    "refund_withdrawn": (410, N_("The till withdrew this refund. No money moved. Ask for it again if it is needed.")),
    "refund_declined": (410, N_("A steward declined this refund. No money moved. Their reason stands beside it.")),
    "refund_lapsed": (
        410,
        N_("Nobody approved this refund within ten minutes. No money moved. Ask for it again at the till."),
    ),
    "code_spent": (410, N_("This code is used up or too old. No money moved. Ask for a new code.")),
    "challenge_spent": (410, N_("This took too long, or was sent before. Nothing was changed. Try again.")),
    "invitation_spent": (410, N_("This invitation is used up or has run out. Nothing was changed. Ask for a new one.")),
    "too_large": (413, N_("This request is too large. No money moved. Send less at once.")),
    "key_reused": (422, N_("This request was sent before with other content. No further money moved. Start again.")),
    "too_many": (429, N_("Too many tries. No money moved. Wait a little.")),
    "busy": (
        503,
        N_("The wallet is busy. This try moved no money. Send the same again in a moment: nothing is taken twice."),
    ),
}

# Nothing moves when somebody looks, but what they look for may have moved money: the same refusals, said of a look.
OF_A_LOOK: dict[str, str] = {
    "busy": N_("The wallet is busy. Looking changes nothing: load the page again in a moment."),
    "not_signed_in": N_("You are not signed in. Sign in to see this."),
    "unknown_coop": N_("There is no such co-op here, or it is not yours to see. Check how it is written."),
    "unknown_sale": N_("There is no such sale here, or it is not yours to see. Check the number of the receipt."),
    "unknown_refund": N_("There is no such refund here, or it is not yours to see. Ask at the till."),
    "unknown_till": N_("There is no such till here, or it is not yours. Ask a steward of the co-op."),
    "unknown_run": N_("There is no such pay run here, or it is not yours to see. Look at the list once more."),
    "unknown_proposal": N_("There is no such proposal here, or it is not yours to see. Look at the list once more."),
}


class Refusal(Exception):
    """Say an expected no: a bare code, an HTTP status and a sentence for people."""

    def __init__(self, code: str, status: int, sentence: str, extra: dict[str, Any], retry_after: int | None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.sentence = sentence
        self.extra = extra
        self.retry_after = retry_after
        # What is written in a transaction of its own, though the act is rolled back.
        self.leaves: Callable[[Any], object] | None = None
        # Of each field of a form that is to be written otherwise, how; the first is what `sentence` says.
        self.wrong: dict[str, str] = {}


def refuse(code: str, sentence: str | None = None, *, retry_after: int | None = None, **extra: Any) -> Refusal:
    """Make the refusal `code`, with its usual status and sentence unless `sentence` is given.

    Units: `retry_after` in seconds.
    """
    status, usual = DEFAULTS[code]
    if retry_after is None and status in (429, 503):
        retry_after = 1
    return Refusal(code, status, sentence if sentence is not None else _(usual), extra, retry_after)


def of_a_look(refusal: Refusal) -> Refusal:
    """Give `refusal` as who only looked is told it, unless it has a sentence of its own."""
    said = OF_A_LOOK.get(refusal.code)
    if said is None or refusal.sentence != _(DEFAULTS[refusal.code][1]):
        return refusal
    return Refusal(refusal.code, refusal.status, _(said), refusal.extra, refusal.retry_after)
