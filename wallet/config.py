"""Configuration, from the environment only."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Words of examples, which everybody can read.
COPIED = re.compile(r"(my|your|the).?secret|secret.?key|change|example|password|default|0123456|abcdef", re.IGNORECASE)

# A trusted proxy by this name is whoever is next to us.
ANYBODY = "*"
# Processes and threads beyond this are a slip of the hand.
MOST = 10_000


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
    def is_of_this_machine(self) -> bool:
        """Tell whether the deployment is reached at this machine alone, as a demo is."""
        return urlsplit(self.origin).hostname in LOOPBACK

    @property
    def has_no_name(self) -> bool:
        """Tell whether members reach the deployment at an IP address, for which browsers make no passkey."""
        try:
            ip_address(urlsplit(self.origin).hostname or "")
        except ValueError:
            return False
        return True

    @property
    def has_weak_secret(self) -> bool:
        """Tell whether the secret could be guessed, or was copied from an example."""
        secret = self.secret_key
        return len(secret) < 32 or len(set(secret)) < 10 or COPIED.search(secret) is not None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; unset or empty variables take their defaults.

        Raises: ValueError, naming the variable.
        """
        port = _number(environ, "PORT", 8000, 65_535)
        url = normalised(environ.get("DATABASE_URL") or cls().database_url)
        return cls(
            database_url=url,
            secret_key=environ.get("SECRET_KEY") or "",
            port=port,
            origin=_as_browsers_do(environ.get("WALLET_ORIGIN") or f"http://localhost:{port}"),
            demo=_is_on(environ, "WALLET_DEMO"),
            processes=_number(environ, "WEB_CONCURRENCY", 1 if url.startswith("sqlite") else 2, MOST),
            threads=_number(environ, "WEB_THREADS", 96, MOST),
            trusted_proxies=_proxies(environ.get("WALLET_TRUSTED_PROXIES") or ""),
        )


def _as_browsers_do(origin: str) -> str:
    """Write `origin` in lower case, its port as a number, and without the usual one."""
    plain = re.sub(r":0+(?=[0-9]+$)", ":", origin.rstrip("/").lower())
    return plain.removesuffix(":443" if plain.startswith("https:") else ":80")


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    written = environ.get(name) or "0"
    # Whoever writes yes or true means it, and would get the opposite.
    if written not in ("0", "1"):
        raise ValueError(f"{name} must be 1 for yes or 0 for no, not {written!r}.")
    return written == "1"


def _number(environ: Mapping[str, str], name: str, usual: int, most: int) -> int:
    written = environ.get(name) or str(usual)
    if re.fullmatch(r"[0-9]{1,9}", written) is None or not 1 <= int(written) <= most:
        raise ValueError(f"{name} must be a whole number from 1 to {most}, not {written!r}.")
    return int(written)


def _proxies(written: str) -> tuple[str, ...]:
    named = tuple(written.replace(",", " ").split())
    for one in named:
        try:
            ip_network("::" if one == ANYBODY else one, strict=False)
        except ValueError:
            raise ValueError(f"WALLET_TRUSTED_PROXIES must be addresses or networks, or *, not {one!r}.") from None
    return named


def normalised(url: str) -> str:
    """Name the driver in `url`: hosts hand out `postgres://`, SQLAlchemy wants `postgresql+psycopg://`."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
