"""Configuration, from the environment only."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Words of examples, which everybody can read.
COPIED = re.compile(r"(my|your|the).?secret|secret.?key|change|example|password|default|0123456|abcdef", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold the settings of one process; `database_url` is normalised for SQLAlchemy."""

    database_url: str = f"sqlite:///{ROOT / 'instance' / 'wallet.sqlite3'}"
    secret_key: str = ""
    port: int = 8000
    origin: str = "http://localhost:8000"
    demo: bool = False
    # SQLite has one writer, whatever the number of processes.
    processes: int = 1
    threads: int = 96
    # Addresses or networks of proxies whose X-Forwarded-For is believed; `*` is whoever is next to us.
    trusted_proxies: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Tell whether members reach this deployment over https."""
        return self.origin.startswith("https://")

    @property
    def has_weak_secret(self) -> bool:
        """Tell whether the secret could be guessed, or was copied from an example."""
        secret = self.secret_key
        return len(secret) < 32 or len(set(secret)) < 10 or COPIED.search(secret) is not None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; unset or empty variables take their defaults."""
        port = int(environ.get("PORT") or 8000)
        url = normalised(environ.get("DATABASE_URL") or cls().database_url)
        return cls(
            database_url=url,
            secret_key=environ.get("SECRET_KEY") or "",
            port=port,
            origin=(environ.get("WALLET_ORIGIN") or f"http://localhost:{port}").rstrip("/"),
            demo=environ.get("WALLET_DEMO") == "1",
            processes=int(environ.get("WEB_CONCURRENCY") or (1 if url.startswith("sqlite") else 2)),
            threads=int(environ.get("WEB_THREADS") or 96),
            trusted_proxies=tuple((environ.get("WALLET_TRUSTED_PROXIES") or "").replace(",", " ").split()),
        )


def normalised(url: str) -> str:
    """Name the driver in `url`: hosts hand out `postgres://`, SQLAlchemy wants `postgresql+psycopg://`."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
