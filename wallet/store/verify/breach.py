"""A breach: one row of the books that is not as it must be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """Name the invariant, the table and the row's key, and say in a sentence what is wrong."""

    invariant: str
    table: str
    row: str
    sentence: str

    def __str__(self) -> str:
        """Write the breach as one line."""
        return f"{self.invariant} {self.table} {self.row}: {self.sentence}"
