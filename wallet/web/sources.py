"""Where a request comes from: the network behind it, by a name that is no address."""

import hmac
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import request

from wallet.config import ANYBODY
from wallet.web.current import kit

# One household or shop holds at least so much of the newer address space.
SHARED_BITS = 64
NAME_LENGTH = 24

Address = IPv4Address | IPv6Address


def network() -> str:
    """Name the network of the request: the same for all who share an address, and not that address."""
    settings = kit().settings
    found = address(request.remote_addr, request.headers.getlist("X-Forwarded-For"), settings.trusted_proxies)
    written = "" if found is None else _shared(found)
    return hmac.new(settings.secret_key.encode(), written.encode(), sha256).hexdigest()[:NAME_LENGTH]


def address(peer: str | None, forwarded: list[str], trusted: tuple[str, ...]) -> Address | None:
    """Give the address of who asks: the peer's, or what trusted proxies said of whom they speak for.

    Whatever is left of the first address that no trusted proxy wrote may be invented.
    """
    found = _read(peer or "")
    hops = [hop for line in forwarded for hop in line.split(",")]
    if ANYBODY in trusted:
        return (_read(hops[-1]) if hops else None) or found
    while hops and found is not None and any(found in network for network in _networks(trusted)):
        spoken_for = _read(hops.pop())
        if spoken_for is None:
            break
        found = spoken_for
    return found


def _read(written: str) -> Address | None:
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _shared(found: Address) -> str:
    if isinstance(found, IPv4Address):
        return str(found)
    return str(IPv6Network((found, SHARED_BITS), strict=False))


@lru_cache
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one, strict=False) for one in trusted)
