"""Secrets that the database keeps digests of only."""

from hashlib import sha256


def digest_of(secret: str) -> str:
    """Give what the database keeps of a token, a key or a code: nobody who reads it can use it."""
    return sha256(secret.encode()).hexdigest()
