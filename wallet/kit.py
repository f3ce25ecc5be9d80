"""The kit a use case is given: engine, clock, settings, founding charter and the hint that wakes live screens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from wallet.config import Settings
from wallet.domain import deployment
from wallet.domain.charter import Charter
from wallet.domain.deployment import Deployment
from wallet.domain.passkey import Site


def system_clock() -> datetime:
    """Tell the server's time as aware UTC."""
    return datetime.now(UTC)


def no_hint(*topics: str) -> None:
    """Wake nobody."""


@dataclass(frozen=True, slots=True)
class Kit:
    """Hold what every use case needs; `hint` is called after the commit only.

    `charter` is as the federation began; store/charters.py says what holds.
    """

    engine: sa.Engine
    clock: Callable[[], datetime] = system_clock
    settings: Settings = field(default_factory=Settings)
    charter: Charter = field(default_factory=Charter)
    hint: Callable[..., None] = no_hint

    @property
    def deployment(self) -> Deployment:
        """Give what the wallet is run for: real people, or the made-up ones of a demo."""
        return deployment.DEMO if self.settings.demo else deployment.IN_EARNEST

    @property
    def site(self) -> Site:
        """Give the site for which this wallet's passkeys are made."""
        return Site.at(self.settings.origin, "RES Wallet")
