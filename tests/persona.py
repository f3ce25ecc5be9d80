"""A persona of the demo, signed in from no browser in particular."""

from wallet.kit import Kit
from wallet.services import sessions


def sign_in(kit: Kit, handle: str) -> str:
    """Sign the persona in; give the session's token."""
    token, door = sessions.doorway(kit)
    sessions.sign_in_as(kit, handle, door)
    return token
