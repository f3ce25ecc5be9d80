"""Secrets that the database keeps digests of only."""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

# 32 random bytes, as `secrets.token_urlsafe` writes them.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def digest_of(secret: str) -> str:
    """Give what the database keeps of a token, a key or a code: nobody who reads it can use it."""
    return sha256(secret.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Tell whether a text can be the token of a session or of an invitation."""
    return _TOKEN.fullmatch(text) is not None


def drawn(key: str, what: str) -> str:
    """Draw the token of an invitation from a random key: the same one for the same words, and no two alike."""
    return urlsafe_b64encode(hmac.digest(key.encode(), f"invitation {what}".encode(), "sha256")).decode().rstrip("=")
