"""Crockford's base32: no I, L, O, U, so what is written in it survives being read aloud and typed."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What is easily written for something else.
MEANT = str.maketrans("OIL", "011")


def written(random_bytes: bytes) -> str:
    """Write random bytes as so many characters, five bits of each."""
    return "".join(ALPHABET[byte & 31] for byte in random_bytes)
