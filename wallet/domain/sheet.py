"""A sheet: a table of text in a CSV file, read line by line; and written so that no spreadsheet runs what stands in it.

Lines are physical lines: no cell holds a line break. The header tells whether commas or semicolons part the cells.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from wallet.errors import refuse

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 100_000

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# A spreadsheet takes what begins so for a formula, or drops the first mark and then does.
_MARKS = "=+-@＝＋－＠"
FORMULA = (*_MARKS, "\t", "\r", "\n")
# Whoever parts the cells at something else than we do finds the beginning of one within ours.
_BEGINS_WITHIN = re.compile(rf"([;\t\r\n])(?=[\s\"]*[{re.escape(_MARKS)}])")


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold what is wrong with a line, as a code for which the reader of the sheet has a sentence, and what fills it.

    `column` is the one in which it is, where one alone is wrong.
    """

    line: int
    code: str
    about: str = ""
    column: str = ""


def lines(content: bytes, header: Sequence[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Give the number of each line under the header, with its cells or the code of its fault.

    Skipped are those that are blank, and those of blank cells alone, with which spreadsheets end a list.
    A cell comes as it is written, with the spaces around it.

    The codes are "not_text", "columns" and "header"; without its header nothing of a file means anything, and it ends.
    Raises: Refusal too_large, before the file is looked at.
    """
    number = content.count(b"\n") + (not content.endswith(b"\n"))
    if len(content) > MOST_BYTES or number > MOST_LINES + 1:
        raise refuse("too_large")
    return _read(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), header)


def _read(content: io.BytesIO, header: Sequence[str]) -> Iterator[tuple[int, list[str] | str]]:
    mark = _mark_of(content.readline())
    if mark is None or [cell.strip().lower() for cell in mark[1]] != list(header):
        yield 1, "not_text" if mark is None else "header"
        return
    for number, line in enumerate(content, start=2):
        text = _text_of(line)
        if text is None:
            yield number, "not_text"
        elif text.replace(mark[0], "").strip():
            cells = _cells(text, mark[0])
            yield number, "columns" if cells is None else cells


def _mark_of(line: bytes) -> tuple[str, list[str]] | None:
    """Give what parts the cells of a header, and these; None if it is no text."""
    text = _text_of(line)
    if text is None:
        return None
    mark = ";" if ";" in text and "," not in text else ","
    return mark, _cells(text, mark) or []


def _text_of(line: bytes) -> str | None:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\x00" in text:
        return None
    # Spaces before a first cell are its own, unless it stands in quotes; those after the last cell mean nothing.
    text = text.rstrip()
    return text.lstrip() if text.lstrip().startswith('"') else text


def _cells(text: str, mark: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=mark, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def safe_cell(cell: object) -> str:
    """Give a cell that no spreadsheet takes for a formula, nor a part of it at `;` or a tab; a number stays one."""
    text = str(cell)
    runs = text.lstrip(" ").startswith(FORMULA) and not _NUMBER.fullmatch(text)
    text = _BEGINS_WITHIN.sub(r"\1'", text)
    return f"'{text}" if runs else text


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a sheet, every cell safe."""
    return "".join(written_lines(header, rows))


def written_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a sheet line by line, however long it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in chain([header], rows):
        writer.writerow([safe_cell(cell) for cell in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
