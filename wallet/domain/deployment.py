"""Deployments: what is otherwise in a demo, where nobody is real and nobody waits a day to see how it goes on."""

from dataclasses import dataclass
from datetime import timedelta

_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Hold how long people wait, how often they may try, and what proves who they are."""

    # A new steward's role, so that others may object.
    steward_waits: timedelta = timedelta(hours=24)
    # A higher limit of one's own.
    raise_waits: timedelta = timedelta(hours=24)
    # A way back: long enough that the owner of a wallet sees the notice and can stop who pretends to be them.
    way_back_waits: timedelta = timedelta(hours=24)
    # The draft of a dividend, which everybody sees with their own line before anything is paid.
    draft_waits: timedelta = timedelta(days=7)
    # A ballot stays open at least so long; None is as many days as the charter says.
    ballot_waits: timedelta | None = None
    # How many times as often as in earnest an act may be tried.
    tries: int = 1
    # Whether a tap signs a persona in, and stands for its passkey.
    personas: bool = False


IN_EARNEST = Deployment()
DEMO = Deployment(_MOMENT, _MOMENT, _MOMENT, _MOMENT, _MOMENT, tries=100, personas=True)
