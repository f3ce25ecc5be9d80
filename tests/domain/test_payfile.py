"""Pay files: every fault has its line, the handle decides, and the largest file needs little memory."""

import subprocess
import sys
import unicodedata

import pytest

from wallet.domain.payfile import FAULTS, WARNINGS, Known, PayfileLine, matched, parse_hours, read_payfile, read_rows
from wallet.domain.sheet import MOST_BYTES, MOST_LINES
from wallet.errors import Refusal

HEAD = "handle,name,hours,total,deductions\n"
PEOPLE = {
    "ana": Known("Ana Moreau", True),
    "ben": Known("Ben Kessler", True),
    "zoe": Known("Zoë Martin", True),
    "hal": Known("Hal Orr", False),
}
# As a history may name them.
HANDLES = ("@nia", "+351", "=x", " lea", " kim", "kim", " pat", "pat ", "mo;=x")
WRITTEN = {handle: Known(handle, True) for handle in HANDLES}


def looked_at(content):
    return matched(read_payfile(content if isinstance(content, bytes) else content.encode()), PEOPLE)


def faults(content):
    return [(fault.line, fault.code, fault.about) for fault in looked_at(content).faults]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "ana,Ana Moreau,152,2400.00,310.50\nben,Ben Kessler,100.5,1.50,\n",
        "\ufeff" + HEAD + "ana,Ana Moreau,152:00,2400,310.5\r\n\r\nben,BEN KESSLER,100:30,1.50,0\r\n",
        HEAD.upper().replace(",", ";")
        + "ana;Ana Moreau;152,0;2400,00;310,50\nben;;100,5;1,50;0,00\nsum;;252,5;2401,50;310,5\n",
        HEAD + 'ana,"Ana Moreau",152,"2400,00","310,50"\nben,Ben Kessler,100:30,"1,50",\nTotal,,,2401.50,\n',
        # As the list to fill in comes back, of which only some are paid, with what a spreadsheet ends it.
        HEAD + "zoe,Zoë Martin,,,\nana,Ana Moreau,152,2400.00,310.50\nben,,100.5,1.50,\nno one,, , ,\n,,,,\n , ,,,\n",
    ],
)
def test_a_file_in_order_is_read(content):
    found = looked_at(content)

    assert found.faults == ()
    assert [(due.handle, due.minutes, due.total_minor, due.deductions_minor, due.warnings) for due in found.dues] == [
        ("ana", 9120, 240_000, 31_050, ()),
        ("ben", 6030, 150, 0, ()),
    ]


@pytest.mark.parametrize(
    ("line", "code", "about"),
    [
        ("nobody,No Body,1,1.00,0", "unknown", "nobody"),
        ("Ana,Ana Moreau,1,1.00,0", "unknown", "Ana"),
        ("\u0430na,Ana Moreau,1,1.00,0", "unknown", "\u0430na"),
        ("an\u202ea,Ana Moreau,1,1.00,0", "unknown", "an\ufffda"),
        ("ben,Ben Kessler,1,1.00,0", "twice", "2"),
        (",Ana Moreau,1,1.00,0", "handle", ""),
        (",Ana Moreau,,,", "handle", ""),
        ("ana,Ana,-1,1.00,0", "negative", ""),
        ("ana,Ana,1,-1.00,0", "negative", ""),
        ("ana,Ana,1,-1,0", "negative", ""),
        ("ana,Ana,1,1.00,−0.01", "negative", ""),
        ("ana,Ana,1,1,50,0", "comma", ""),
        ("ana,Ana,1,1.50", "columns", ""),
        ('ana,"Ana,1,1.50,0', "columns", ""),
        ("ana,Ana,1,1.505,0", "total", ""),
        ("ana,Ana,1,1.500.00,0", "total", ""),
        ("ana,Ana,1,,0", "total_missing", ""),
        ("ana,Ana,1,1.00,x", "deductions", ""),
        ("ana,Ana,1,1.00,1e3", "deductions", ""),
        ("ana,Ana,1,99999999999.00,0", "total", ""),
        ("ana,Ana,1,0.00,0", "zero", ""),
        ("ana,Ana,,1.00,0", "hours_missing", ""),
        ("ana,Ana,152:60,1.00,0", "hours", ""),
        ("ana,Ana,1.505,1.00,0", "hours", ""),
        ("ana,Ana,١,1.00,0", "hours", ""),
        ('"=HYPERLINK(""http://evil.example"")",Ana,1,1.00,0', "formula", ""),
        ("ana,Ana,1,=1+1,0", "formula", ""),
        ("ana,Ana,=1,1.00,0", "formula", ""),
        ("ana,Ana,1,1.00,@x", "formula", ""),
        ("an\x00a,Ana,1,1.00,0", "not_text", ""),
        ("an\x07a,Ana,1,1.00,0", "formula", ""),
        ("sum,,,2279.99,", "sum", "2280.00"),
        ("SUM,,,2280.01,", "sum", "2280.00"),
        ("total,,151:59,2280.00,", "sum", "152"),
        ("total,,152,2280.00,0.01", "sum", "0.00"),
    ],
)
def test_each_fault_is_told_with_its_line(line, code, about):
    assert faults(HEAD + "ben,Ben Kessler,152,2280.00,\n\n" + line)[-1] == (
        (4, code, about) if code != "twice" else (4, code, "2")
    )


def test_every_fault_of_a_line_is_told_with_its_column():
    found = looked_at(HEAD + "ana,,160:90,2400.00 EUR,x\nben,,,,-1.00\n").faults
    assert [(fault.line, fault.code, fault.column) for fault in found] == [
        (2, "hours", "hours"), (2, "total", "total"), (2, "deductions", "deductions"),
        (3, "hours_missing", "hours"), (3, "total_missing", "total"), (3, "negative", "deductions"),
    ]  # fmt: skip


def test_every_fault_is_told_in_the_order_of_the_lines():
    content = HEAD + "nobody,,1,1.00,\nana,,x,1.00,\nsum,,,3.00,\nno one,,1,1.00,\n"
    assert [(line, code) for line, code, _ in faults(content)] == [(2, "unknown"), (3, "hours"), (5, "unknown")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (1, "header", "")),
        (HEAD.encode(), (1, "empty", "")),
        ((HEAD + "ana,Ana Moreau,,,\n,,,,\n").encode(), (1, "empty", "")),
        (b"handle,name,hours,total\n", (1, "header", "")),
        ((HEAD + "ana,,1,1.00,\n").encode("utf-16"), (1, "not_text", "")),
        ((HEAD + "ana,,1,1.00,\n").encode("utf-16-le"), (1, "not_text", "")),
        (b"PK\x03\x04" + bytes(range(256)) * 40, (1, "not_text", "")),
        (HEAD.encode() + "ana,Zoë,1,1.00,\n".encode("latin-1"), (2, "not_text", "")),
    ],
)
def test_a_file_that_is_something_else_is_told_apart(content, fault):
    assert faults(content)[0] == fault


@pytest.mark.parametrize("content", [b"x" * (MOST_BYTES + 1), b"\n" * (MOST_LINES + 2)])
def test_what_is_too_large_is_refused_at_once(content):
    with pytest.raises(Refusal) as refused:
        read_payfile(content)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        ("zoe," + unicodedata.normalize("NFD", "Zoë  Martin") + ",1,1.00,0", ()),
        ("ana,,1,1.00,0", ()),
        ("ana,Ana Moreaux,1,1.00,0", ("name_differs",)),
        ("ana,\u0410na Moreau,1,1.00,0", ("name_differs",)),
        ("ana,Ana\u202eMoreau,1,1.00,0", ("name_hidden",)),
        ("ana,=HYPERLINK(1),1,1.00,0", ("name_differs",)),
        ("hal,Hal Orr,1,1.00,0", ("elsewhere",)),
        ("ana,,152,2400,50", ("comma",)),
        ("ana,,152,2400,150", ()),
        ("ana,,152,2400.00,50", ()),
        # Parted by commas, an amount with one has become two cells, and the last cell is not there.
        ("ana,,152,5,2287", ("deducted",)),
        ("ana,,152,5,5.01", ("deducted",)),
        ("ana,,152,5,5.00", ()),
        ("ana,,0,1.00,", ("no_hours",)),
        ("ana,,999,1.00,", ()),
    ],
)
def test_what_is_worth_a_look_stops_nobody(line, warnings):
    found = looked_at(HEAD + line)

    assert found.faults == ()
    assert [due.warnings for due in found.dues] == [warnings]
    assert set(warnings) <= WARNINGS.keys()


@pytest.mark.parametrize(
    ("cell", "handle"),
    [
        ("@nia", "@nia"),
        ("'@nia", "@nia"),
        (" '@nia ", "@nia"),
        ("+351", "+351"),
        ("'=x", "=x"),
        (" lea", " lea"),
        ("lea", " lea"),
        ("'lea", " lea"),
        (" kim", " kim"),
        ("kim", "kim"),
        ("kim  ", "kim"),
        ("pat ", "pat "),
        ("mo;'=x", "mo;=x"),
    ],
)
def test_a_handle_is_known_as_it_is_written_and_as_a_sheet_keeps_it(cell, handle):
    found = matched(read_payfile(f"{HEAD}{cell},,1,1.00,\n".encode()), WRITTEN)

    assert found.faults == ()
    assert [(due.handle, due.warnings) for due in found.dues] == [(handle, ())]


@pytest.mark.parametrize(
    ("cells", "code"), [(["pat"], "unknown"), (["@pat"], "formula"), (["=x", "'=x"], "twice"), ([" kim", "kim"], None)]
)
def test_no_handle_is_taken_for_another_and_nobody_stands_twice(cells, code):
    found = matched(read_payfile((HEAD + "".join(f"{cell},,1,1.00,\n" for cell in cells)).encode()), WRITTEN)

    assert [fault.code for fault in found.faults] == ([code] if code else [])


def test_typed_rows_are_lines_that_name_exactly_whom_they_name():
    rows = [(" kim", " kim", "1:30", "1.00", ""), ("kim", "kim", " 2 ", "2.00 ", "")]

    dues = matched(read_rows(rows), WRITTEN).dues

    assert [(due.line, due.handle, due.minutes, due.total_minor) for due in dues] == [
        (2, " kim", 90, 100),
        (3, "kim", 120, 200),
    ]
    assert [(each.line, each.code) for each in read_rows([("kim", "kim", "x", "1.00", "")]).faults] == [(2, "hours")]
    assert read_rows([]).faults == ()


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("152", 9120),
        ("152.5", 9150),
        ("152,5", 9150),
        ("152:30", 9150),
        ("0:01", 1),
        ("7.33", 440),
        ("7.01", 421),
        ("0", 0),
    ],
)
def test_hours_are_whole_minutes(typed, minutes):
    assert parse_hours(typed) == minutes


def test_the_same_lines_are_known_again_whatever_the_file():
    one = read_payfile((HEAD + "ana,Ana Moreau,152,2400.00,0\n").encode())
    same = read_payfile(("\ufeff" + HEAD.replace(",", ";") + "ana;;152:00;2400,00;\r\n").encode())
    other = read_payfile((HEAD + "ana,Ana Moreau,152,2400.01,0\n").encode())

    assert one.digest == same.digest != other.digest


def test_every_fault_has_its_sentence():
    assert all(isinstance(sentence, str) for sentence in FAULTS.values())
    assert read_payfile((HEAD + "ana,,1,1.00,\n").encode()).dues == (PayfileLine(2, "ana", "", 60, 100, 0, ()),)


LARGEST = """
from wallet.domain.payfile import Known, matched, read_payfile
from wallet.domain.sheet import MOST_BYTES, MOST_LINES
head = b"handle,name,hours,total,deductions\\n"
line = b"person%05d,=%s,152:30,2400.00,%s\\n"
room = MOST_BYTES // MOST_LINES - len(line % (0, b"", b""))
off = b"250.00" if GOOD else b"x"
content = head + b"".join(line % (n, b"x" * (room - len(off) - 1), off) for n in range(MOST_LINES))
assert 9_900_000 < len(content) <= MOST_BYTES, len(content)
people = {f"person{n:05d}": Known("x", True) for n in range(MOST_LINES)} if GOOD else {}
found = matched(read_payfile(content), people)
assert len(found.dues) + len(found.faults) == MOST_LINES
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("good", [True, False])
def test_ten_megabytes_are_read_in_under_200(good):
    code = LARGEST.replace("GOOD", str(good))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    # The peak of the whole process in KiB, of which the file itself is ten thousand.
    assert 10_000 < int(run.stdout) < 200 * 1024
