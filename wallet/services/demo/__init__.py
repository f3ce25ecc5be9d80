"""The demo: fill an empty database with Alder Valley and a year of its payments, through the use cases of every day."""

from dataclasses import replace

from wallet.domain.demo.paydays import PAYDAYS
from wallet.domain.demo.people import RUNS_AT
from wallet.domain.demo.places import BY_SLUG, FEDERATION
from wallet.i18n import N_
from wallet.i18n import gettext as _
from wallet.kit import Kit, no_hint
from wallet.services.demo.book import DemoBook
from wallet.services.demo.story import Story
from wallet.store import bulk, coops, copies, federation, invitations
from wallet.store.engine import reading
from wallet.store.views import payruns

BEGUN = N_(
    "The demo was cut off while it was filled, or another process is filling it. Wait a minute; if it stays so, remove "
    "this database and start again."
)
REAL = N_(
    "The federation in this database is of real people, and a demo signs in anyone as anyone. Unset WALLET_DEMO, or "
    "name another database in DATABASE_URL."
)


class CannotFill(Exception):
    """Say, in a sentence, why a database cannot be filled, or be a demo's."""


def is_empty(kit: Kit) -> bool:
    """Tell whether no federation lives in the database yet.

    Raises: CannotFill, if an earlier filling was cut off.
    """
    with reading(kit.engine) as connection:
        found = federation.find(connection)
        told = payruns.begun(connection, RUNS_AT) > PAYDAYS
        is_real = invitations.is_for_real_people(connection)
    if found is not None and found.name == FEDERATION and not told and not is_real:
        raise CannotFill(_(BEGUN))
    return found is None


def lives_in(kit: Kit) -> bool:
    """Tell whether the federation in the database is the demo's, whole or cut off: its name alone is anybody's."""
    with reading(kit.engine) as connection:
        found = federation.find(connection)
        runs = coops.find(connection, RUNS_AT)
        return found is not None and (found.name, runs and runs.name) == (FEDERATION, BY_SLUG[RUNS_AT].name)


def see_that_nobody_is_real(kit: Kit) -> None:
    """Let a demo have the database of a federation that is made up, or of none.

    Raises: CannotFill, where whoever runs the server has let in people by links.
    """
    if copies.is_empty(kit.engine):
        return
    with reading(kit.engine) as connection:
        is_real = invitations.is_for_real_people(connection)
    if is_real and not lives_in(kit):
        raise CannotFill(_(REAL))


def fill(kit: Kit, book: DemoBook) -> None:
    """Fill an empty database with the demo federation, whose year ends now.

    Raises: CannotFill, if there is a federation already, or another process fills it at this moment.
    """
    if not is_empty(kit):
        raise CannotFill(_("There is a federation in this database already."))
    with bulk.quick(kit.engine) as engine:
        story = Story(replace(kit, engine=engine, hint=no_hint), book, kit.clock())
        if not story.tell():
            raise CannotFill(_(BEGUN))
    # The draft of the next payday comes last and waits for the disk: without it, it is seen that the year was cut off.
    story.begin_draft(kit.engine)
