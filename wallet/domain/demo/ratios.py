"""What each person of the year earned and spent at other co-ops so far: the plan pays by the rule of the pay share."""

from collections import defaultdict
from datetime import datetime, timedelta

from wallet.domain import election, payline, payshare
from wallet.domain.charter import Charter
from wallet.domain.demo.people import CASH_HOUR_MINOR, RUNS_AT
from wallet.domain.election import Election
from wallet.domain.patronage import month_reduced
from wallet.domain.payline import Terms
from wallet.domain.payshare import Counted, Share
from wallet.domain.period import next_month

CHARTER = Charter()
OWN_DAYS = timedelta(days=CHARTER.own_set_days)


class Ratios:
    """Keep own sets, pay and counted purchases; months are those of UTC, in which the demo lives."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Counted]] = defaultdict(list)
        self.known: dict[str, dict[str, Share]] = defaultdict(dict)
        self.works: set[tuple[str, str]] = set()
        self.paid_at: dict[tuple[str, str], datetime] = {}
        self.sold: dict[int, str] = {}
        self.takes: dict[str, Election] = {}

    def choose(self, at: datetime, person: str, most_bp: int) -> None:
        """Let somebody take less of their share from the next month on."""
        self.takes[person] = Election(next_month(_month(at)), most_bp)

    def pay(self, at: datetime, coop: str, person: str, total_minor: int, minutes: int) -> int:
        """Pay a line and give its RES part."""
        month, known = _month(at), self.known[person]
        if month not in known:
            walked = payshare.walk(self.rows[person], month, CHARTER, known) or [Share(month, CHARTER.floor_bp)]
            known.update((share.month, share) for share in walked)
        self.rows[person].append(Counted(month, month, income_minor=total_minor))
        self.paid_at[person, coop] = at
        return payline.split(total_minor, minutes, self._terms(coop, person, known[month])).res_minor

    def _terms(self, coop: str, person: str, share: Share) -> Terms:
        if coop != RUNS_AT:
            return Terms(share.share_bp)
        chosen = election.in_force([self.takes[person]] if person in self.takes else [], share.month)
        return Terms(share.share_bp, chosen.elected_bp if chosen else None, None, CASH_HOUR_MINOR)

    def buy(self, number: int, at: datetime, coop: str, person: str, total_minor: int) -> None:
        """Count purchase `number`, if it is at a co-op that is not the person's own."""
        paid = self.paid_at.get((person, coop))
        if (person, coop) not in self.works and (paid is None or at - paid > OWN_DAYS):
            self.sold[number] = _month(at)
            self.rows[person].append(Counted(_month(at), _month(at), spend_minor=total_minor))

    def give_back(self, number: int, at: datetime, person: str, total_minor: int) -> None:
        """Take back what is refunded of purchase `number`, if it counted."""
        if number in self.sold:
            month = month_reduced(self.sold[number], _month(at))
            self.rows[person].append(Counted(month, _month(at), spend_minor=-total_minor))


def _month(at: datetime) -> str:
    return at.date().isoformat()[:7]
