"""The code a member shows: made on the phone, without a network, good for one attempt.

A token is base64url of 23 bytes: version 1, the phone's id (6), the step (4, big endian), an authenticator (12).
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from wallet.domain.lately import AHEAD
from wallet.domain.period import EPOCH
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _

VERSION = b"\x01"
DEVICE_BYTES = 6
STEP_BYTES = 4
TAG_BYTES = 12
TOKEN_BYTES = len(VERSION) + DEVICE_BYTES + STEP_BYTES + TAG_BYTES
STEP_SECONDS = 30
EARLY_SECONDS = 5
FRESH_SECONDS = 60
PURPOSE = b"res-wallet member code 1"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{31}")


@dataclass(frozen=True, slots=True)
class Code:
    """Hold what a token says; nothing of it is proven until the tag matches."""

    device: bytes
    step: int
    tag: bytes


def parse_link(text: object, origin: str) -> Code:
    """Read a bare token or its full link under `origin`.

    Raises: Refusal bad_form.
    """
    if not isinstance(text, str):
        raise _no_code()
    token = text.removeprefix(f"{origin}/m/")
    if _TOKEN.fullmatch(token) is None:
        raise _no_code()
    try:
        raw = urlsafe_b64decode(token + "=")
    except (NotBase64, ValueError):
        raise _no_code() from None
    # 31 letters hold two bits more than 23 bytes: only the one canonical spelling is a token.
    if len(raw) != TOKEN_BYTES or not raw.startswith(VERSION) or _text(raw) != token:
        raise _no_code()
    device, step, tag = raw[1:7], raw[7:11], raw[11:]
    return Code(device, int.from_bytes(step, "big"), tag)


def step_at(now: datetime) -> int:
    """Give the 30-second step into which `now` falls."""
    return (now - EPOCH) // timedelta(seconds=STEP_SECONDS)


def is_fresh(step: int, now: datetime) -> bool:
    """Tell whether a code of `step` may be taken at `now`: from 5 s before its step to 60 s after its start."""
    since = now - EPOCH - timedelta(seconds=STEP_SECONDS * step)
    return timedelta(seconds=-EARLY_SECONDS) <= since < timedelta(seconds=FRESH_SECONDS)


def is_early(step: int, now: datetime) -> bool:
    """Tell whether the time of a code of `step` has not come at `now`: its phone's clock is ahead."""
    return now - EPOCH < timedelta(seconds=STEP_SECONDS * step - EARLY_SECONDS)


def newest_step(now: datetime) -> int:
    """Give the newest step of which a server takes a code by `now`; since a later one the clock was set back."""
    return step_at(now + AHEAD + timedelta(seconds=EARLY_SECONDS))


def tag_of(key: bytes, device: bytes, step: int) -> bytes:
    """Give the authenticator of the phone `device` for `step`."""
    return hmac.new(key, PURPOSE + _head(device, step), sha256).digest()[:TAG_BYTES]


def make(key: bytes, device: bytes, step: int) -> str:
    """Make the token of the phone `device` for `step`, as the phone does."""
    return _text(_head(device, step) + tag_of(key, device, step))


def matches(key: bytes, code: Code) -> bool:
    """Tell, in constant time, whether `code` was made with `key`."""
    return hmac.compare_digest(tag_of(key, code.device, code.step), code.tag)


def device_name(device: bytes) -> str:
    """Write the id of a phone as text."""
    return _text(device)


def _no_code() -> Refusal:
    return refuse("bad_form", _("This is not a member’s code. No money moved. Ask the member to open My code."))


def _head(device: bytes, step: int) -> bytes:
    assert len(device) == DEVICE_BYTES, "a phone's id has six bytes"
    return VERSION + device + step.to_bytes(STEP_BYTES, "big")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
