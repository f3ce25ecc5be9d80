"""The command that asks whether this is a pyramid: a growing network and a ring, as a table and as a drawing."""

from pathlib import Path

import click

from wallet.domain import simulation
from wallet.domain.charter import Charter
from wallet.domain.money import format_amount
from wallet.domain.simulation import Cohort, Network, Ring

WIDTH, HEIGHT, FOOT = 720, 300, 40


@click.command("simulate")
@click.option("--founders", type=click.IntRange(1, 100), default=20, show_default=True, help="Who is there at first.")
@click.option(
    "--growth", type=click.IntRange(0, 50), default=20, show_default=True, help="How many more each year, in per cent."
)
@click.option("--years", type=click.IntRange(2, 20), default=15, show_default=True, help="For how many years.")
@click.option(
    "--chart", type=click.Path(dir_okay=False, path_type=Path), help="Write the first table as an SVG drawing."
)
def command(founders: int, growth: int, years: int, chart: Path | None) -> None:
    """Simulate what early and late joiners get for a year of work, and what a ring gains that pays itself.

    It runs the rules of the wallet itself, by the charter that a federation begins with, on people made up; it reads no
    database.
    """
    network, charter = Network(founders, growth * 100, years), Charter()
    cohorts, ring = simulation.grown(network, charter), simulation.ringed(network, charter)
    for line in (*growth_table(cohorts), "", *ring_table(ring)):
        click.echo(line)
    if chart is not None:
        try:
            chart.write_text(drawn(cohorts), encoding="utf-8", newline="\n")
        except OSError as error:
            raise click.ClickException(f"The drawing was not written: {error}") from None


def growth_table(cohorts: tuple[Cohort, ...]) -> list[str]:
    """Write what each year's joiners get for a year of work."""
    lines = ["Dividend for each year worked, in RES, by the year of joining", ""]
    lines.append(f"{'year':>4}  {'joined':>7}  {'with phase-out':>14}  {'without':>10}")
    for cohort in cohorts:
        sums = format_amount(cohort.with_minor), format_amount(cohort.without_minor)
        lines.append(f"{cohort.year:>4}  {cohort.members:>7}  {sums[0]:>14}  {sums[1]:>10}")
    with_it, without = (simulation.against(cohorts, phase_out=which) for which in (True, False))
    if with_it is None or without is None:
        return [*lines, "", "Whoever gets least gets nothing."]
    return [
        *lines,
        "",
        f"A founder against whoever gets least: {with_it / 100:.2f} times, {without / 100:.2f} without it.",
    ]


def ring_table(ring: Ring) -> list[str]:
    """Write what a ring gains."""
    rows = (
        ("with the effort bound", ring.bound_minor, ring.bound_honest_minor, ring.bound_times),
        ("without it", ring.unbound_minor, ring.unbound_honest_minor, ring.unbound_times),
    )
    lines = ["Dividend of a year, in RES: one of ten in a ring, one of 490 honest full-time members", ""]
    lines.append(f"{'':<22}  {'ring':>10}  {'honest':>8}  {'times':>7}")
    for name, mine, theirs, times in rows:
        told = "-" if times is None else f"{times / 100:.2f}"
        lines.append(f"{name:<22}  {format_amount(mine):>10}  {format_amount(theirs):>8}  {told:>7}")
    return lines


def drawn(cohorts: tuple[Cohort, ...]) -> str:
    """Draw two bars for each year of joining: with the phase-out, and without it."""
    highest = max(max(cohort.with_minor, cohort.without_minor) for cohort in cohorts)
    step = WIDTH / len(cohorts)
    bars, names = [], []
    for place, cohort in enumerate(cohorts):
        for shift, colour, minor in ((0.1, "#751a4a", cohort.with_minor), (0.5, "#c0b4bb", cohort.without_minor)):
            high = HEIGHT * minor / highest if highest else 0
            bars.append(
                f'<rect x="{step * (place + shift):.1f}" y="{HEIGHT - high:.1f}" width="{step * 0.38:.1f}"'
                f' height="{high:.1f}" fill="{colour}"/>'
            )
        names.append(
            f'<text x="{step * (place + 0.5):.1f}" y="{HEIGHT + 18}" text-anchor="middle">{cohort.year}</text>'
        )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" font-family="sans-serif"'
            ' font-size="12" role="img">',
            "<title>Dividend for each year worked by the year of joining: dark with the phase-out, light without"
            "</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT + FOOT}" fill="#ffffff"/>',
            *bars,
            *names,
            f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT + 35}" text-anchor="middle">year of joining</text>',
            "</svg>",
            "",
        ]
    )
