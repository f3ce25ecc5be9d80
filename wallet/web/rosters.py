"""A list of people in a file: looked at line by line, then invited all at once."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.roster import FAULTS, Roster, read_roster
from wallet.domain.sheet import MOST_BYTES
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.services import rosters
from wallet.services.rosters import Made
from wallet.store import office_view
from wallet.store.engine import reading
from wallet.web.answers import once, said, saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.desk import join_link
from wallet.web.fields import key, text
from wallet.web.forms import read, takes, upload
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("rosters", __name__, url_prefix="/office/<coop>/lists")

# The form around the file.
FORM_BYTES = 4 * 1024
SHOWN = 100


@bp.post("")
@needs("steward", of="coop")
@takes(MOST_BYTES + FORM_BYTES)
@answered_on("office.ask")
def look(coop: str) -> ResponseReturnValue:
    """Look at a list: say what is wrong with each line, or whom it would invite. Nobody is invited yet."""
    content, _beside = upload("file")
    roster = read_roster(content)
    if roster.faults:
        return faulty(coop, roster)
    number = rosters.keep(kit(), signed_in().handle, coop, roster.people)
    if wants_json():
        return {"list": number, "people": len(roster.people)}, 201
    return page(coop, roster, number), 201


@bp.post("/<int:roster>")
@needs("steward", of="coop")
@answered_on("office.ask")
def send_off(coop: str, roster: int) -> ResponseReturnValue:
    """Invite everybody of a list, and hand out the links: on a page, or as a file; safe to send twice with one key."""
    form = read(how=text(10, optional=True), key=key())
    sent = rosters.invite_all(kit(), signed_in().handle, coop, roster, key=form.key)
    if form.how == "file":
        return once(as_file(sent.made), sent.again)
    links = [(each, join_link(each.token)) for each in sent.made]
    with reading(kit().engine) as connection:
        place = office_view.one_coop(connection, coop)
    return once((render_template("office/links.html", coop=place, links=links, gone=sent.gone), 201), sent.again)


def faulty(coop: str, roster: Roster) -> ResponseReturnValue:
    """Answer a list with faults: each with its line."""
    rows = [{"line": each.line, "fault": each.code} for each in roster.faults]
    refusal = refuse("bad_form", _("There are faults in this list. Nobody was invited."), rows=rows)
    if wants_json():
        raise refusal
    return said(page(coop, roster, None), refusal)


def page(coop: str, roster: Roster, number: int | None) -> str:
    """Render what was found in a list."""
    with reading(kit().engine) as connection:
        place = office_view.one_coop(connection, coop)
    return render_template(
        "office/list.html",
        coop=place,
        number=number,
        people=roster.people,
        faults=[(each.line, _(FAULTS[each.code])) for each in roster.faults[:SHOWN]],
        faults_number=len(roster.faults),
        shown=SHOWN,
    )


def as_file(made: list[Made]) -> Response:
    """Write the links as CSV, with nothing in it that a spreadsheet would run."""
    links = ((each.name, each.kind, join_link(each.token)) for each in made)
    return saved("invitations", ("name", "as", "link"), links, 201)
