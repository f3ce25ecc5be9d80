"""What the wallet never does, whoever asks: nothing for holding, recruiting or owning, no vote by wealth, no cash-out.

What one person alone could change is refused (here, and for runs in services/test_payruns.py and test_dividends.py); a
sunset, a share, a basis or a dividend that was edited by hand is named by `verify` (store/test_verify*.py).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from tests import cast
from tests.clock import Clock
from tests.imports import ROOT
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import ballots, dividends, gifts, histories, invitations, members, network
from wallet.services.invitations import Offer
from wallet.store.tables import ballot_papers, ballot_places, coops, people, transfers

POT = cast.POT
# What is due to Ana and Ben for 180.00 and 60.00 of basis in month 3 of 180.
DUE = {"ana": 375_01, "ben": 124_99}
KINDS = {"pay", "sale", "refund", "gift", "supply", "fund", "dividend", "sweep"}
# What a wallet must not claim: it says how RES is taxed and what it is in law to nobody.
CLAIMS = re.compile(
    r"tax[- ]?(free|exempt|freedom)|free (of|from) tax|untaxed|no tax(es)? (is|are|to)|"
    r"legal tender|(must|has to) be accepted|risk[- ]?free|guaranteed (return|income|profit)",
    re.IGNORECASE,
)


@pytest.fixture
def town(kit: Kit, clock: Clock) -> Kit:
    """Let Ana and Ben spend at each other's co-op in March, before the period's end; the pool holds 500.00."""
    return cast.share_out(kit)


def hold(kit: Kit) -> None:
    """Let Dee be paid ten times as much and keep all of it."""
    histories.pay(kit, "mill", "dee", 10 * cast.WAGE_MINOR, 60_000, key="Dee's hoard")


def buy_at_home(kit: Kit) -> None:
    """Let Dee and Ben spend at the co-ops they work in."""
    histories.sell(kit, "mill", "dee", 240_00, 0, key="Dee at the mill")
    histories.sell(kit, "bakery", "ben", 60_00, 0, key="Ben at the bakery")


def give_around(kit: Kit) -> None:
    """Let 60.00 go in a ring, twice."""
    for turn in range(2):
        for giver, taker in (("ana", "dee"), ("dee", "ben"), ("ben", "ana")):
            gifts.send(kit, giver, taker, 60_00, key=f"{giver} gives, turn {turn}")


def recruit(kit: Kit) -> None:
    """Let Dee invite three people, one of whom comes, is paid, and does not spend."""
    for name in ("gil", "hal", "ida"):
        invitations.invite(kit, Offer("worker", "mill", name))
    members.join(kit, "mill", "gil")
    histories.pay(kit, "mill", "gil", cast.WAGE_MINOR, cast.WAGE_MINUTES, key="Gil's first pay")


def own(kit: Kit) -> None:
    """Let the mill, where Dee works, sell for much and be lent more."""
    histories.supply(kit, "clinic", "mill", 1_000_00, key="the clinic's flour")
    network.admit_coop(kit, "forge", 10 * cast.CREDIT_LINE_MINOR)


@pytest.mark.parametrize("deed", [hold, buy_at_home, give_around, recruit, own])
def test_a_dividend_is_the_same_whatever_is_held_given_owned_or_bought_at_home_and_whoever_was_recruited(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]], deed: Callable[[Kit], None]
) -> None:
    deed(town)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    run = dividends.draft(town, "flo", date(2026, 4, 1), POT)
    dividends.approve(town, "eve", run)
    clock.advance(days=7)
    before = balances()
    dividends.post(town)
    moved = {who: minor - before[who] for who, minor in balances().items() if minor != before[who]}
    assert moved == DUE | {"pool": -POT}


def test_what_is_held_for_thirty_years_stays_what_it_is(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    before, posted = balances(), count(town, transfers)
    clock.advance(days=30 * 365)
    for chore in (dividends.post, ballots.close_due):
        chore(town)
    assert (balances(), count(town, transfers)) == (before, posted)
    assert all(minor >= 0 for who, minor in before.items() if who in cast.WORKERS)


def test_there_is_no_kind_of_transfer_for_interest_fees_decay_or_cash() -> None:
    check = next(rule for rule in transfers.constraints if rule.name == "ck_transfers_kind")
    assert isinstance(check, sa.CheckConstraint)
    assert set(re.findall(r"'(\w+)'", str(check.sqltext))) == KINDS


def test_res_that_was_paid_never_comes_back_as_cash(town: Kit) -> None:
    with pytest.raises(Refusal, match="refund_exceeds_sale"):
        histories.refund(town, "Ana's bread", 0, 1)
    with pytest.raises(Refusal, match="refund_exceeds_sale"):
        histories.refund(town, "Ana's bread", 179_99, 1)
    histories.refund(town, "Ana's bread", 180_00, 0)


def test_a_vote_weighs_the_same_whatever_its_voter_holds_earned_or_bought(town: Kit) -> None:
    hold(town)
    found = ballots.propose(town, "flo", 156, "Late joiners wait long enough.", 30)
    ballots.agree(town, "eve", found)
    with town.engine.connect() as connection:
        asked = connection.execute(
            sa.select(people.c.handle, coops.c.slug)
            .join(ballot_places, ballot_places.c.person_id == people.c.id)
            .join(coops, coops.c.id == ballot_places.c.coop_id)
        ).all()
        papers = connection.execute(sa.select(sa.func.count()).select_from(ballot_papers)).scalar_one()
    assert sorted((handle, slug) for handle, slug in asked) == sorted(cast.WORKERS.items())
    assert papers == len(cast.WORKERS)
    assert not [column.name for column in ballot_papers.columns if column.name.endswith(("_minor", "_bp", "weight"))]


def test_no_rule_is_changed_by_one_person(town: Kit, clock: Clock) -> None:
    found = ballots.propose(town, "flo", 156, "Late joiners wait long enough.", 30)
    for who, code in (("flo", "second_person"), ("ana", "not_allowed")):
        with pytest.raises(Refusal, match=code):
            ballots.agree(town, who, found)
    clock.advance(days=400)
    assert ballots.close_due(town) == {}
    with pytest.raises(Refusal, match="not_allowed"):
        ballots.propose(town, "ana", 156, "Because I say so.", 30)
    # Two can only ask: with nobody's yes it fails.
    ballots.agree(town, "eve", found)
    clock.advance(days=31)
    assert set(ballots.close_due(town).values()) == {"failed"}


def test_nothing_on_screen_or_in_the_documents_claims_to_be_free_of_tax_or_legal_tender() -> None:
    said = {text: place for place, text in sentences()}
    assert len(said) > 500, "the sentences were not found"
    assert {place: text for text, place in said.items() if CLAIMS.search(text)} == {}


@pytest.mark.parametrize("claim", ["RES is tax-free.", "It is Legal Tender here.", "A guaranteed return every year."])
def test_such_a_claim_would_be_found(claim: str) -> None:
    assert CLAIMS.search(claim)


def sentences() -> list[tuple[str, str]]:
    """List every sentence of the screens and every paragraph of the documents, each with its place."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    marks = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, marks)
    screens = [
        (f"{path}:{line}", text)
        for path, line, message, *_ in found
        for text in ([message] if isinstance(message, str) else message)
    ]
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return screens + [(page.name, part) for page in pages for part in page.read_text().split("\n\n")]


def count(kit: Kit, table: sa.Table) -> int:
    """Count the rows of a table."""
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
