"""Tables of text: what is too large is not looked at, and what is written runs in no spreadsheet."""

import csv
import io

import pytest

from wallet.domain.sheet import MOST_BYTES, MOST_LINES, lines, safe_cell, written
from wallet.errors import Refusal


@pytest.mark.parametrize(
    "content", [b"x" * (MOST_BYTES + 1), b"a\n" * (MOST_LINES + 2), b"a\n" * (MOST_LINES + 1) + b"a"]
)
def test_what_is_too_large_is_refused_before_the_first_line(content):
    with pytest.raises(Refusal) as refused:
        lines(content, ["a"])
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_most_lines_stand_under_a_header(end):
    content = b"\n".join([b"a"] * (MOST_LINES + 1)) + end
    assert sum(cells == ["a"] for _, cells in lines(content, ["a"])) == MOST_LINES


def test_the_header_tells_what_parts_the_cells():
    assert list(lines(b'a;b\n1,5;"x;y"\n', ["a", "b"])) == [(2, ["1,5", "x;y"])]
    assert list(lines(b'a,b\n"1,5",x;y\n', ["a", "b"])) == [(2, ["1,5", "x;y"])]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+1 555", "'+1 555"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("-", "'-"),
        ("-1+1", "'-1+1"),
        ("-12.50", "-12.50"),
        ("thanks;=1+1;", "thanks;'=1+1;"),
        ("thanks; \t@x", "thanks;' \t'@x"),
        ('thanks;"=1+1"', 'thanks;\'"=1+1"'),
        ("thanks\t-1", "thanks\t'-1"),
        ("thanks\n＝1", "thanks\n'＝1"),
        ("thanks;'=1", "thanks;'=1"),
        ("bread; 2 + 2", "bread; 2 + 2"),
        ("Ana", "Ana"),
        ("", ""),
        (12, "12"),
    ],
)
def test_no_cell_is_a_formula(text, safe):
    assert safe_cell(text) == safe


def test_a_written_sheet_reads_as_it_was_meant():
    text = written(("name", "sum"), [("=HYPERLINK(1)", "-1.00"), ('Brot, "Salz"', 2)])

    assert list(csv.reader(io.StringIO(text))) == [["name", "sum"], ["'=HYPERLINK(1)", "-1.00"], ['Brot, "Salz"', "2"]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("said", ["thanks;=1+1;", 'a, b; "=1+1"', "thanks\t=1+1", 'a "b";\t=1+1', ";;=1+1"])
def test_no_cell_is_a_formula_whatever_a_reader_parts_cells_at(mark, said):
    text = written(("name", "note", "sum"), [(said, said, "-1.00")])

    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=mark) for cell in row]

    assert [cell for cell in cells if cell.lstrip().startswith("=")] == []
