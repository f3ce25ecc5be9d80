"""Names that machines use: handles, slugs, refs, labels and till ids."""

import unicodedata

LABEL_MAX = 64


def is_label(text: object) -> bool:
    """Tell whether `text` is a string of 1 to 64 characters without control characters."""
    return (
        isinstance(text, str)
        and 1 <= len(text) <= LABEL_MAX
        and not any(unicodedata.category(character) == "Cc" for character in text)
    )


def handle_from(name: str) -> str:
    """Make a handle to propose for somebody of this name: plain small letters of the first word."""
    first = unicodedata.normalize("NFKD", name.casefold()).split()[:1]
    letters = "".join(character for character in "".join(first) if character.isascii() and character.isalnum())
    return letters[:24] or "member"
