"""Is this a pyramid? Bounds that hold for a network of any growth, and for a ring that turns as fast as it can."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from wallet.cli.simulate import command, drawn, growth_table, ring_table
from wallet.domain.charter import Charter
from wallet.domain.simulation import Network, against, grown, joining, ringed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("growth_bp", [0, 1_000, 2_000, 5_000])
def test_a_founder_gets_at_most_twice_what_the_least_get_for_a_year_of_work(growth_bp: int) -> None:
    cohorts = grown(Network(growth_bp=growth_bp), Charter())

    assert against(cohorts, phase_out=True) <= 200
    assert against(cohorts, phase_out=False) >= 800, "without the phase-out it would be a pyramid"


def test_without_a_phase_out_each_year_s_joiners_get_less_than_those_before() -> None:
    cohorts = grown(Network(), Charter())

    sums = [cohort.without_minor for cohort in cohorts]
    assert sums == sorted(sums, reverse=True)
    assert cohorts[-1].with_minor > cohorts[7].with_minor, "with it the last do better than those in the middle"


def test_a_network_grows_by_its_part_and_by_one_at_least() -> None:
    assert [joining(Network(growth_bp=2_000), year) for year in (1, 2, 3, 4)] == [20, 4, 4, 5]
    assert [joining(Network(growth_bp=0), year) for year in (1, 2)] == [20, 1]


@pytest.mark.parametrize("share_bp", [1_000, 3_000, 10_000])
def test_a_ring_gains_at_most_three_times_an_honest_year_and_without_the_bound_over_fifty(share_bp: int) -> None:
    ring = ringed(Network(share_bp=share_bp), Charter())

    assert 2 * ring.bound_honest_minor < ring.bound_minor <= 3 * ring.bound_honest_minor
    assert ring.unbound_minor > 50 * ring.unbound_honest_minor


@pytest.mark.parametrize(
    "charter", [Charter(pool_rate_bp=0), Charter(pool_rate_bp=1, month_minutes_max=60), Charter(sunset_months=1)]
)
def test_a_charter_under_which_some_get_nothing_has_its_tables_too(charter: Charter) -> None:
    cohorts, ring = grown(Network(), charter), ringed(Network(), charter)

    assert len(growth_table(cohorts)) == len(cohorts) + 5
    assert len(ring_table(ring)) == 5
    assert "year of joining" in drawn(cohorts)


def test_where_nothing_is_shared_out_nobody_gets_so_many_times_as_much() -> None:
    cohorts = grown(Network(), Charter(pool_rate_bp=0))

    assert against(cohorts, phase_out=True) is None
    assert {(one.with_minor, one.without_minor) for one in cohorts} == {(0, 0)}
    assert ringed(Network(), Charter(pool_rate_bp=0)).bound_times is None
    assert growth_table(cohorts)[-1] == "Whoever gets least gets nothing."


def test_the_command_tells_the_same_table_that_the_document_holds_and_draws_its_picture(tmp_path: Path) -> None:
    told = CliRunner().invoke(command, ["--chart", str(tmp_path / "chart.svg")])

    assert told.exit_code == 0
    assert told.output.strip() in (DOCS / "dividend.md").read_text(encoding="utf-8")
    picture = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert picture == (DOCS / "images" / "pyramid.svg").read_text(encoding="utf-8")
    assert picture == drawn(grown(Network(), Charter()))
