"""Sentences for people, in the reader's language."""


def N_(sentence: str) -> str:
    """Mark `sentence` for translation where it is shown later."""
    return sentence


def gettext(sentence: str) -> str:
    """Give `sentence` in the reader's language."""
    return sentence
