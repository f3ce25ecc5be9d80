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
