"""Ballots: a facilitator proposes another value, a second one opens it, members vote once in each of their co-ops."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain import ballot
from wallet.domain.charter import Charter
from wallet.domain.parameter import PARAMETERS, SUNSET
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import ballots, charters, confinements, coops, facilitators, federation, notices, ownset, passkeys
from wallet.store.engine import reading, write
from wallet.store.passkeys import Proof


def propose(kit: Kit, by: str, to_value: int, reason: str, open_days: int, *, parameter: str = SUNSET) -> int:
    """Propose another value of a parameter of the charter; give the ballot's key.

    Units: as the parameter's; the sunset's are whole months from the charter's date.
    Raises: Refusal not_allowed for who is no facilitator or before the charter has its day, bad_form, second_person,
            already_waiting.
    """
    if not PARAMETERS[parameter].allows(to_value):
        raise refuse("bad_form", _("The charter allows no such value here. Nothing was changed."))

    def work(connection: sa.Connection) -> int:
        now = kit.clock()
        voted = charters.history(connection, kit.charter, now)
        least = shortest(kit, voted.in_month_of(now))
        if not least.days <= open_days <= ballot.LONGEST_DAYS:
            days = {"least": least.days, "most": ballot.LONGEST_DAYS}
            raise refuse("bad_form", _("A ballot is open for %(least)s to %(most)s days. Nothing was changed.", **days))
        person = facilitators.require_with_second(connection, by, now)
        if federation.charter_on(connection) is None:
            raise refuse("not_allowed", _("The federation has no charter with its day yet. Nothing was changed."))
        before = getattr(voted.latest, parameter)
        if to_value == before:
            raise refuse("bad_form", _("That is what stands already. Nothing was changed."))
        row = {
            "parameter": parameter,
            "from_value": before,
            "to_value": to_value,
            "reason": reason,
            "open_days": open_days,
            "proposed_by": person,
            "proposed_at": now,
        }
        made = ballots.propose(connection, row)
        facilitators.ask_others(connection, by, "open_ballot", ballots.page(made), now)
        return made

    return write(kit.engine, work, keyed=False)


def agree(kit: Kit, by: str, ballot_id: int) -> None:
    """Open a ballot that somebody else proposed: from now on its roll stands.

    Raises: Refusal not_allowed for who is no facilitator or when nobody is on the roll, second_person, already_decided.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        person, found = facilitators.require(connection, by, now), ballots.find(connection, ballot_id)
        least = shortest(kit, charters.in_month_of(connection, kit.charter, now))
        if found is not None and found.open_days < least.days:
            raise refuse("already_decided", _("Ballots are open for longer by now. Withdraw it and propose it anew."))
        if found is not None and found.state == "proposed" and found.proposed_by == person:
            raise refuse("second_person")
        closes_at = now + max(timedelta(days=found.open_days), least) if found else now
        if found is None or not ballots.open_with_roll(connection, found, person, now, closes_at):
            raise refuse("already_decided")
        notices.done(connection, ballots.page(ballot_id), now)

    write(kit.engine, work, keyed=False)


def withdraw(kit: Kit, by: str, ballot_id: int) -> None:
    """Withdraw a ballot that is not open yet.

    Raises: Refusal not_allowed for who is no facilitator, already_decided.
    """

    def work(connection: sa.Connection) -> None:
        facilitators.require(connection, by, kit.clock())
        if not ballots.withdraw(connection, ballot_id):
            raise refuse("already_decided")
        notices.done(connection, ballots.page(ballot_id), kit.clock())

    write(kit.engine, work, keyed=False)


def begin_vote(kit: Kit, ballot_id: int, coop: str, person_id: int, bearer: str) -> dict[str, Any]:
    """Ask a voter for a passkey's answer that counts for this ballot and co-op alone, whatever the choice.

    Raises: Refusal unknown_ballot.
    """

    def work(connection: sa.Connection) -> dict[str, Any]:
        if ballots.find(connection, ballot_id) is None:
            raise refuse("unknown_ballot")
        bound = ballot.digest_of_vote(ballot_id, coop)
        return passkeys.ask_bound(connection, person_id, bearer, kit.site, bound, kit.clock(), ceremony="vote")

    return write(kit.engine, work)


def cast(kit: Kit, ballot_id: int, coop: str, person_id: int, choice: str, given: Proof | None) -> None:
    """Cast a vote, once; `given` is None for a persona of the demo alone, who counts as freshly asserted.

    Raises: Refusal bad_form, unknown_ballot, ballot_over, vote_cast, not_allowed for who has no place or has left,
            confined if the ballot lasts longer than that, challenge_spent, unknown_passkey, passkey_refused,
            passkey_doubted, step_up_required.
    """
    if choice not in ballot.CHOICES:
        raise refuse("bad_form", _("Choose yes, no or blank. Nothing was cast."))
    if given is None and not kit.deployment.personas:
        raise refuse("step_up_required")

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        found, place = ballots.find(connection, ballot_id), coops.find(connection, coop)
        if found is None or found.opened_at is None:
            raise refuse("unknown_ballot")
        if place is None or place.status == "left" or not ownset.works_at(connection, person_id, place.id):
            raise refuse("not_allowed", _("Only who works there now may vote there. Nothing was cast."))
        held = confinements.find(connection, person_id, now)
        # A vote can be neither found nor changed, so it waits for whose it is; where it cannot wait it is not lost.
        if held is not None and found.closes_at is not None and found.closes_at > held.until:
            raise refuse("confined")
        if given is not None:
            bound = ballot.digest_of_vote(ballot_id, coop)
            passkeys.assert_bound(connection, person_id, given, bound, now, ceremony="vote")
        ballots.cast(connection, ballot_id, place.id, person_id, choice, now)

    write(kit.engine, work, keyed=False)


def close_due(kit: Kit) -> dict[int, str]:
    """Count and close the ballots whose time is over, for a timer or whoever looks first; give what came of each."""
    with reading(kit.engine) as connection:
        due = ballots.is_due(connection, kit.clock())
    return write(kit.engine, lambda connection: ballots.close_due(connection, kit.clock())) if due else {}


def shortest(kit: Kit, charter: Charter) -> timedelta:
    """Tell how long a ballot is open at least by a month's charter."""
    return kit.deployment.ballot_waits or timedelta(days=charter.ballot_days)
