"""A list of people in a file: looked at line by line, then invited all at once."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.invitation_list import FAULTS, InvitationList, read_invitation_list
from wallet.domain.sheet import MOST_BYTES
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.services import invitation_lists
from wallet.services.invitation_lists import MadeInvitation
from wallet.store.engine import reading
from wallet.store.views import office
from wallet.web.answers import once, said, saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.desk import join_link
from wallet.web.fields import key, text
from wallet.web.forms import read, takes, upload
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("invitation_lists", __name__, url_prefix="/office/<coop>/lists")

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
    found = read_invitation_list(content)
    if found.faults:
        return faulty(coop, found)
    number = invitation_lists.keep(kit(), signed_in().handle, coop, found.people)
    if wants_json():
        return {"list": number, "people": len(found.people)}, 201
    return page(coop, found, number), 201


@bp.post("/<int:invitation_list>")
@needs("steward", of="coop")
@answered_on("office.ask")
def send_off(coop: str, invitation_list: int) -> ResponseReturnValue:
    """Invite everybody of a list, and hand out the links: on a page, or as a file; safe to send twice with one key."""
    form = read(how=text(10, optional=True), key=key())
    sent = invitation_lists.invite_all(kit(), signed_in().handle, coop, invitation_list, key=form.key)
    if form.how == "file":
        return once(as_file(sent.made), sent.again)
    links = [(each, join_link(each.token)) for each in sent.made]
    with reading(kit().engine) as connection:
        place = office.one_coop(connection, coop)
    return once((render_template("office/links.html", coop=place, links=links, gone=sent.gone), 201), sent.again)


def faulty(coop: str, found: InvitationList) -> ResponseReturnValue:
    """Answer a list with faults: each with its line."""
    rows = [{"line": each.line, "fault": each.code} for each in found.faults]
    refusal = refuse("bad_form", _("There are faults in this list. Nobody was invited."), rows=rows)
    if wants_json():
        raise refusal
    return said(page(coop, found, None), refusal)


def page(coop: str, found: InvitationList, number: int | None) -> str:
    """Render what was found in a list."""
    with reading(kit().engine) as connection:
        place = office.one_coop(connection, coop)
    return render_template(
        "office/list.html",
        coop=place,
        number=number,
        people=found.people,
        faults=[(each.line, _(FAULTS[each.code])) for each in found.faults[:SHOWN]],
        faults_number=len(found.faults),
        shown=SHOWN,
    )


def as_file(made: list[MadeInvitation]) -> Response:
    """Write the links as CSV, with nothing in it that a spreadsheet would run."""
    links = ((each.name, each.kind, join_link(each.token)) for each in made)
    return saved("invitations", ("name", "as", "link"), links, 201)
