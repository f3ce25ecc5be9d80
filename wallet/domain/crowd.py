"""A crowd: so many people that what is told of them together tells of none of them."""

# What is told of fewer people than this tells of one of them.
FEW = 5


def told(people: int) -> int | None:
    """Give a number of people that may be shown; None for fewer than five, nobody among them."""
    return people if people >= FEW else None
