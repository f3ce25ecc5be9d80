"""The agreement to be paid in RES: its words and their version. Nobody is paid RES before having agreed to it once."""

from wallet.i18n import N_, gettext

# Raised with every change of the words that follow; who has agreed to any version has agreed.
VERSION = 1

_SENTENCES: tuple[str, ...] = (
    N_(
        "Part of your pay comes in RES, the rest in cash. Which part is your pay share: it follows what you spend at"
        " other co-ops, by one rule for everyone."
    ),
    N_(
        "RES buys what the co-ops of this federation make and do. It comes into being when a co-op pays for work, and"
        " ends when that co-op sells. Nobody outside the federation has to take it."
    ),
    N_("RES cannot be turned into cash. It earns no interest, costs no fee and does not run out."),
    N_(
        "The law of your country says how pay in RES is taxed and insured. The wallet gives no advice on it; your pay"
        " slips show every figure."
    ),
    N_(
        "You can take less of your pay in RES, down to nothing, from any next month on, and change it back. What you"
        " were paid stays yours."
    ),
    N_(
        "Until you agree, all your pay comes in cash. Your membership, your vote and your purchases are the same"
        " either way."
    ),
)


def words() -> str:
    """Give the words in the reader's language, a sentence or two a line."""
    return "\n".join(gettext(sentence) for sentence in _SENTENCES)
