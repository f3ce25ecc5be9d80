"""Each kind of proposal can be carried out, and is told in words on its card."""

from pathlib import Path
from typing import get_type_hints

import pytest

from wallet.domain.proposal import ABOUT_A_COOP, ENDS_WITH_COOP, KINDS, STEWARDS_ONLY
from wallet.store import agreed

MACRO = Path("templates/macros/proposal.html").read_text(encoding="utf-8")
STATUSES = {"active", "suspended", "left"}


def test_each_kind_is_carried_out_by_an_act_of_its_own():
    assert agreed.ACTS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_in_a_sentence_of_its_own(kind):
    assert f'proposal.kind == "{kind}"' in MACRO.partition("{% macro waits")[0]


def test_what_is_for_stewards_alone_is_of_their_co_op_and_never_done_by_one():
    for name in STEWARDS_ONLY:
        assert not KINDS[name].of_federation
        assert not KINDS[name].alone


def test_what_is_done_alone_makes_a_second_person():
    assert {name for name, kind in KINDS.items() if kind.alone} == {"facilitator", "invite", "role"}


def test_what_makes_a_link_is_what_an_act_gives_the_token_of():
    gives = {name for name, (_look, do) in agreed.ACTS.items() if get_type_hints(do)["return"] is str}
    assert {name for name, kind in KINDS.items() if kind.makes_link} == gives


def test_what_waits_ends_with_its_co_op_unless_it_can_still_be_done_or_ends_by_itself():
    assert {*ABOUT_A_COOP, *ENDS_WITH_COOP} == KINDS.keys() - {
        "admit", "facilitator", "end_facilitator", "end_work", "supply"
    }  # fmt: skip
    assert "left" in KINDS["end_work"].statuses
    assert all("left" not in KINDS[name].statuses for name in (*ABOUT_A_COOP, *ENDS_WITH_COOP))


def test_a_kind_names_statuses_that_there_are():
    assert all(kind.statuses <= STATUSES for kind in KINDS.values())
