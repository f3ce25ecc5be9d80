"""Proofs: what a passkey's answer to the challenge of one payment or gift lifts, and who is held to limits without."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain.deployment import Deployment
from wallet.errors import Refusal, refuse
from wallet.store import confinements, keys, passkeys, sessions
from wallet.store.passkeys import Proof
from wallet.store.sessions import Asker, Bearer


def lifts_limits(connection: sa.Connection, person_id: int, proof: Proof, bound: str, key: str, now: datetime) -> bool:
    """Use a passkey's answer up for just what is `bound`; tell whether it lifts the limits of whose money moves.

    Who has just come back in person is held to a session's limits all the same.
    A `key` that has moved money before needs no answer: it only asks again what was answered.
    Raises: Refusal passkey_doubted, step_up_required for the answer to anything else.
    Locks:  the challenge and the passkey until commit.
    """
    scope = f"person:{person_id}"
    if keys.made_by(connection, scope, key) is None:
        try:
            passkeys.assert_bound(connection, person_id, proof, bound, now)
        except Refusal as refusal:
            if refusal.code == "passkey_doubted":
                raise
            # Sent twice at once: the other one has just moved the money with this very answer.
            if refusal.code != "challenge_spent" or keys.made_by(connection, scope, key) is None:
                raise refuse("step_up_required") from refusal
    return not confinements.is_confined(connection, person_id, now)


def is_alone(connection: sa.Connection, asker: Asker, deployment: Deployment, *, asserted: bool) -> bool:
    """Tell whether nothing but the session vouches for what moves money; a persona of the demo counts as proven."""
    if asserted or not isinstance(asker, Bearer):
        return False
    return not (deployment.personas and sessions.is_demo(connection, asker.digest))
