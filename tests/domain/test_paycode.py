"""A member's code is read strictly, is fresh for a minute and proves the phone that made it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain import paycode
from wallet.errors import Refusal

VECTORS = json.loads((Path(__file__).parent / "paycode_vectors.json").read_text())
ORIGIN = "https://wallet.example"
KEY, DEVICE, STEP = bytes(range(32)), bytes.fromhex("a1b2c3d4e5f6"), 59_082_960
TOKEN = paycode.make(KEY, DEVICE, STEP)
BEGUN = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=30 * STEP)
NOT_TOKENS = [
    "",
    TOKEN[:-1],
    TOKEN + "A",
    TOKEN + "=",
    TOKEN + "\n",
    " " + TOKEN,
    "A" * 31,
    "*" + TOKEN[1:],
    "https://elsewhere.example/m/" + TOKEN,
    ORIGIN + "/b/" + TOKEN,
    ORIGIN + "/m/" + ORIGIN + "/m/" + TOKEN,
    ORIGIN + "/m/" + TOKEN + "?x=1",
    ORIGIN + "/m/" + TOKEN + "/",
    TOKEN[:-1] + chr(ord(TOKEN[-1]) + 1),
    "１" * 31,
    "x" * 100_000,
    None,
    5,
    ["x"],
    TOKEN.encode(),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_phone_and_server_make_the_same_token(vector: dict[str, str]) -> None:
    key, device = bytes.fromhex(vector["key"]), bytes.fromhex(vector["device"])

    assert paycode.make(key, device, int(vector["step"])) == vector["token"]


@pytest.mark.parametrize("text", [TOKEN, f"{ORIGIN}/m/{TOKEN}"])
def test_a_token_is_read_bare_or_as_a_link(text: str) -> None:
    code = paycode.parse_link(text, ORIGIN)

    assert (code.device, code.step) == (DEVICE, STEP)
    assert paycode.matches(KEY, code)


@pytest.mark.parametrize("text", NOT_TOKENS)
def test_what_is_no_token_of_this_wallet_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refusal:
        paycode.parse_link(text, ORIGIN)

    assert refusal.value.code == "bad_form"


@given(st.integers(0, 30), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_no_changed_token_is_taken_for_the_phones(position: int, letter: str) -> None:
    changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
    try:
        code = paycode.parse_link(changed, ORIGIN)
    except Refusal:
        return
    assert paycode.matches(KEY, code) is (changed == TOKEN)


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [(-5.001, False), (-5, True), (0, True), (29, True), (59.999, True), (60, False), (3600, False)],
)
def test_a_code_is_taken_from_just_before_its_step_for_a_minute(seconds: float, fresh: bool) -> None:
    assert paycode.is_fresh(STEP, BEGUN + timedelta(seconds=seconds)) is fresh


def test_the_step_is_counted_in_half_minutes() -> None:
    assert paycode.step_at(BEGUN) == STEP == paycode.step_at(BEGUN + timedelta(seconds=29.9))
    assert paycode.step_at(BEGUN + timedelta(seconds=30)) == STEP + 1
