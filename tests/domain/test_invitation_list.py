"""Lists of people to invite: every fault has its line, and what is too large is not looked at."""

import tracemalloc
import unicodedata

import pytest

from wallet.domain.invitation_list import Invitee, read_invitation_list
from wallet.domain.names import read_name, slug_from
from wallet.domain.sheet import MOST_BYTES, MOST_LINES
from wallet.errors import Refusal

HEAD = "name,as\n"


def faults(content):
    found = read_invitation_list(content if isinstance(content, bytes) else content.encode())
    return [(fault.line, fault.code) for fault in found.faults]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "Ana Moreau,worker\nCy Okafor,customer\n",
        "\ufeff" + HEAD + "Ana Moreau,worker\r\n\r\nCy Okafor,customer",
        HEAD.replace(",", ";") + "Ana Moreau;worker\nCy Okafor;customer\n;\n ; \n",
        'NAME, As\n"Ana  Moreau ",Worker\nCy Okafor, customer\n',
    ],
)
def test_a_list_in_order_is_read(content):
    found = read_invitation_list(content.encode())

    assert found.people == (Invitee("Ana Moreau", "worker"), Invitee("Cy Okafor", "customer"))
    assert found.faults == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('=HYPERLINK("http://evil.example"),worker', "name"),
        ('"=HYPERLINK(1)",worker', "name"),
        ("+1,worker", "name"),
        ("@sum,worker", "name"),
        ("-x,worker", "name"),
        ("An\x00a,worker", "not_text"),
        ("Ana\u202eaeroM,worker", "name"),
        ("Ana\u200b,worker", "name"),
        ("Ana\x07,worker", "name"),
        (",worker", "name"),
        ("A" * 65 + ",worker", "name"),
        ("Ana,boss", "kind"),
        ("Ana,", "kind"),
        ("Ana", "columns"),
        ("Ana,worker,1,50", "columns"),
        ('"Ana,worker', "columns"),
        ("Zoë,worker\n" + unicodedata.normalize("NFD", "Zoë") + ",customer", "twin"),
        ("Ana,worker\nANA,customer", "twin"),
    ],
)
def test_each_fault_is_told_with_its_line(line, code):
    assert faults(HEAD + "Ben Kessler,worker\n" + line)[-1] == (3 + line.count("\n"), code)


def test_every_fault_of_a_list_is_told():
    assert faults(HEAD + "Ana,boss\nBen,worker\n=1,worker\n") == [(2, "kind"), (4, "name")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (1, "header")),
        (HEAD.encode(), (1, "empty")),
        (b"name|as\nAna|worker\n", (1, "header")),
        ((HEAD + "Ana,worker\n").encode("utf-16"), (1, "not_text")),
        ((HEAD + "Ana,worker\n").encode("utf-16-le"), (1, "not_text")),
        (b"PK\x03\x04" + bytes(range(256)) * 40, (1, "not_text")),
        (HEAD.encode() + "Zoë,worker\n".encode("latin-1"), (2, "not_text")),
    ],
)
def test_a_file_that_is_something_else_is_told_apart(content, fault):
    assert faults(content)[0] == fault


@pytest.mark.parametrize("content", [b"x" * (MOST_BYTES + 1), b"\n" * (MOST_LINES + 2)])
def test_what_is_too_large_is_refused_at_once(content):
    with pytest.raises(Refusal) as refused:
        read_invitation_list(content)
    assert refused.value.code == "too_large"


def test_the_largest_list_needs_little_memory():
    content = (HEAD + "".join(f"Person {number},worker\n" for number in range(MOST_LINES - 1))).encode()
    tracemalloc.start()
    found = read_invitation_list(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found.people) == MOST_LINES - 1
    assert peak < 120 * 1024 * 1024


def test_a_name_has_one_spelling():
    assert read_name("  Zoe\u0308   Martin ") == "Zoë Martin"
    assert slug_from("Brot & Rosen — Bäckerei") == "brot-rosen-backerei"
    assert slug_from("面包") == "co-op"
