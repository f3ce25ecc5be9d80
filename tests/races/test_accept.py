"""One person takes an invitation up many times at once: it is taken up once, and they are told so each time."""

from functools import partial

import pytest

from tests.races.rush import rush
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import acceptance, invitations, members
from wallet.services.invitations import Offer


@pytest.mark.parametrize("kind", ["worker", "facilitator"])
def test_who_presses_accept_many_times_at_once_has_accepted(town: Kit, kind: str) -> None:
    members.accept_customer(town, "dee")
    link = digest_of(invitations.invite(town, Offer(kind, coop="bakery", roles=("cashier",))))

    found = rush([partial(acceptance.accept, town, "dee", link)] * 6)

    assert found.together > 1
    assert (len(found.answers), found.refused) == (6, {})
    late = rush([partial(acceptance.accept, town, "cy", link)] * 2)
    assert late.refused == {"invitation_spent": 2}
