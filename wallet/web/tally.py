"""A tally: numbers under names, in memory that all workers of a server share.

The server sets a board of pages aside before it starts its workers and lends each worker one. A worker writes to its
own page only: no worker ever waits for another, and one that is killed leaves nothing locked. Who reads adds them up.
"""

import mmap
import struct
import threading
from itertools import islice

# A line of a page holds a name and its number, which stands so that a processor reads and writes it in one piece.
NAME_BYTES, NUMBER_BYTES = 200, 8
LINE = struct.Struct(f"@{NAME_BYTES}sq")
LINES = 1024
PAGE_BYTES = LINE.size * LINES
# Where everything goes for which a page has no line left, or a line no room.
OVERFLOW = "wallet_uncounted_total"


class TallyPage:
    """Count in one page; the threads of its process take turns."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._numbers = [0] * LINES
        self._lines: dict[str, int] = {}
        self._turn = threading.Lock()

    def add(self, name: str, number: int = 1) -> None:
        """Add `number` to what stands under `name`."""
        with self._turn:
            line = self._lines.get(name)
            if line is None:
                if len(self._lines) >= LINES - 1 or len(name.encode()) > NAME_BYTES:
                    name = OVERFLOW
                line = self._lines.setdefault(name, len(self._lines))
            self._numbers[line] += number
            _write(self._memory, line, name, self._numbers[line])


class Board:
    """Lend pages to the workers of a server, and read them all."""

    def __init__(self, pages: int) -> None:
        # Shared with every process that is forked from this one.
        memory = memoryview(mmap.mmap(-1, PAGE_BYTES * (pages + 1)))
        self._memory = [memory[at : at + PAGE_BYTES] for at in range(0, len(memory), PAGE_BYTES)]
        self._free = list(range(pages, 0, -1))

    def lend(self) -> int | None:
        """Take a page that nobody has, if there is one."""
        return self._free.pop() if self._free else None

    def page(self, number: int) -> TallyPage:
        """Give a page to write to."""
        return TallyPage(self._memory[number])

    def take_back(self, number: int, *, but: frozenset[str] = frozenset()) -> None:
        """Keep what a worker counted that is gone, save what was true only while it lived; its page is free again."""
        former = _read(self._memory[0])
        for name, value in _read(self._memory[number]).items():
            if name not in but:
                former[name] = former.get(name, 0) + value
        for line, (name, value) in enumerate(islice(former.items(), LINES)):
            _write(self._memory[0], line, name, value)
        self._memory[number][:] = bytes(PAGE_BYTES)
        self._free.append(number)

    def total(self) -> dict[str, int]:
        """Add up all pages."""
        found: dict[str, int] = {}
        for memory in self._memory:
            for name, value in _read(memory).items():
                found[name] = found.get(name, 0) + value
        return found


def _write(memory: memoryview, line: int, name: str, number: int) -> None:
    """Write a line, of which others may read at any moment: the number in one piece, a name once and its begin last."""
    at = line * LINE.size
    memory.cast("q")[(at + NAME_BYTES) // NUMBER_BYTES] = number
    if not memory[at]:
        letters = name.encode()
        memory[at + 1 : at + len(letters)] = letters[1:]
        memory[at] = letters[0]


def _read(memory: memoryview) -> dict[str, int]:
    """Read a page up to its first free line."""
    found: dict[str, int] = {}
    for name, value in LINE.iter_unpack(memory):
        if not name[0]:
            break
        found[name.rstrip(b"\0").decode()] = value
    return found
