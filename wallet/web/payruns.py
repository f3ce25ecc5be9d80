"""One pay run: its lines typed or from a file, what it needs, and the two people who sign it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain import payfile, payrun
from wallet.domain.money import format_amount
from wallet.domain.payfile import FAULTS, HEADER, Payfile
from wallet.domain.payline import ceiling_that_fits
from wallet.domain.period import month_of
from wallet.domain.sheet import MOST_BYTES, Fault
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import payruns as acts
from wallet.store import coops, federation, paylines, payruns, roles
from wallet.store.engine import reading, snapshot
from wallet.store.paylines import PayablePerson, PayRunLine
from wallet.store.payruns import PayRun
from wallet.store.views import office
from wallet.store.views import payruns as payrun_view
from wallet.store.views.office import CoopRow
from wallet.web import charters, paynotes
from wallet.web.answers import said, saved
from wallet.web.ceilings import read_ceiling
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import day, whole
from wallet.web.forms import read, read_table, takes, upload
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs
from wallet.web.today import federation_zone, this_month

bp = Blueprint("payruns", __name__, url_prefix="/office/<coop>/payday/<int:run>")

FORM_BYTES = 4 * 1024
# A table to type in; longer ones come as a file.
TYPED_ROWS = 200
TYPED = ("handle", "hours", "total", "deductions")
SHOWN = 200


@bp.get("")
@needs("steward", of="coop")
def show(coop: str, run: int) -> ResponseReturnValue:
    """Show a run: what must be settled, what is worth a look, and each line with its split."""
    now, zone = kit().clock(), federation_zone()
    with snapshot(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        lines, charter = _lines(connection, found), charters.this_month(connection)
        facts = acts.facts(connection, found, lines, now)
        stewards = roles.serving(connection, found.coop_id, "steward", now)
        payees = paylines.payees(connection, found.coop_id)
        room = coops.reach(connection, found.coop_id)
        left_out = {each.handle: each.name for each in payees.values() if each.is_member}
        for line in lines:
            left_out.pop(line.handle, None)
        page = {
            "coop": office.one_coop(connection, coop),
            "cash": federation.cash(connection),
            "twin": payrun_view.twin(connection, found),
        }
    short = facts.short_minor if found.is_open and not facts.is_over else 0
    fits = ceiling_that_fits([(line.total_minor, line.minutes, line.terms) for line in lines], room) if short else None
    notes = {line.handle: paynotes.of(line, found, charter, zone, now) for line in lines}
    return render_template(
        "payruns/run.html",
        **page,
        run=found,
        lines=lines[:SHOWN],
        lines_number=len(lines),
        shown=SHOWN,
        typed_most=TYPED_ROWS,
        sums=paylines.sums(lines),
        blocking=payrun.blocking(facts) if found.is_draft else (),
        facts=facts,
        short_minor=short,
        fits_bp=fits,
        notes=notes,
        gathered=paynotes.gathered(lines, notes),
        short=paynotes.words(paynotes.SHORT, charter),
        says=paynotes.words(paynotes.SENTENCES, charter),
        left_out=list(left_out.values()) if lines and found.is_draft else [],
        stewards=[each for each in stewards.values() if each.handle != found.submitted_by_handle],
        month=found.month or month_of(now, zone),
    )


@bp.get("/lines")
@needs("steward", of="coop")
def table(coop: str, run: int) -> ResponseReturnValue:
    """Show the table in which lines are typed."""
    with reading(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        payees = paylines.payees(connection, found.coop_id)
        typed = [
            (line.handle, payfile.format_hours(line.minutes), format_amount(line.due_minor),
             format_amount(line.deductions_minor) if line.deductions_minor else "")
            for line in _lines(connection, found)
        ]  # fmt: skip
        place = office.one_coop(connection, coop)
    if not found.is_draft or len(typed) > TYPED_ROWS:
        # A table that held only some of the lines would take the others away when it is sent.
        return to_page(coop, run)
    known = {row[0] for row in typed}
    blank = [(each.handle, "", "", "") for each in payees.values() if each.is_member and each.handle not in known]
    return page_of_table(place, found, (typed + blank)[:TYPED_ROWS], payees)


@bp.post("/lines")
@needs("steward", of="coop")
@takes(TYPED_ROWS * 400 + FORM_BYTES)
@answered_on("payruns.table")
def type_in(coop: str, run: int) -> ResponseReturnValue:
    """Put what was typed in the place of the lines; rows that are left blank are nobody's."""
    rows, beside = read_table(TYPED, TYPED_ROWS, rev=whole())
    with reading(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        payees = paylines.payees(connection, found.coop_id)
        place = office.one_coop(connection, coop)
    filled = [row for row in rows if any(cell.strip() for cell in row[1:])]
    names = {handle: each.name for handle, each in payees.items()}
    file = payfile.matched(payfile.read_rows((row[0], names.get(row[0], row[0]), *row[1:]) for row in filled), payees)
    if file.faults:
        refusal = _faulty(file)
        if wants_json():
            raise refusal
        faults: dict[str, list[Fault]] = {}
        for fault in file.faults:
            faults.setdefault(filled[fault.line - 2][0], []).append(fault)
        # As the run was seen: what a colleague has put in it since is not replaced by mending a slip.
        return said(page_of_table(place, replace(found, rev=beside.rev), rows, payees, faults), refusal)
    try:
        acts.fill(kit(), signed_in().handle, coop, run, beside.rev, file.dues)
    except Refusal as refusal:
        if wants_json() or refusal.code != "changed_meanwhile":
            raise
        return overtaken(coop, run, rows, file, refusal)
    return to_page(coop, run)


@bp.post("/file")
@needs("steward", of="coop")
@takes(MOST_BYTES + FORM_BYTES)
@answered_on("payruns.show")
def bring(coop: str, run: int) -> ResponseReturnValue:
    """Put the lines of a file in the place of the lines; a file with a fault changes nothing."""
    content, beside = upload("file", rev=whole())
    place, found, file = _read_file(coop, run, content)
    if file.faults:
        refusal = _faulty(file)
        if wants_json():
            raise refusal
        told = [(fault.line, sentence(fault)) for fault in file.faults[:SHOWN]]
        number = len(file.faults)
        faults = {"faults": told, "faults_number": number, "shown": SHOWN}
        return said(render_template("payruns/faults.html", coop=place, run=found, **faults), refusal)
    acts.fill(kit(), signed_in().handle, coop, run, beside.rev, file.dues)
    return to_page(coop, run)


@bp.post("/date")
@needs("steward", of="coop")
@answered_on("payruns.show", pay_on={"bad_form"})
def move(coop: str, run: int) -> ResponseReturnValue:
    """Give a draft another pay date."""
    form = read(pay_on=day(), rev=whole())
    acts.move(kit(), signed_in().handle, coop, run, form.rev, form.pay_on.isoformat())
    return to_page(coop, run)


@bp.post("/ceiling")
@needs("steward", of="coop")
@answered_on("payruns.show")
def set_ceiling(coop: str, run: int) -> ResponseReturnValue:
    """Set the one ceiling of this run, or take it away."""
    ceiling, form = read_ceiling(rev=whole())
    acts.set_ceiling(kit(), signed_in().handle, coop, run, form.rev, ceiling)
    return to_page(coop, run)


@bp.post("/drop")
@needs("steward", of="coop")
@answered_on("payruns.show")
def drop(coop: str, run: int) -> ResponseReturnValue:
    """Give up a draft."""
    form = read(rev=whole())
    acts.drop(kit(), signed_in().handle, coop, run, form.rev)
    return to_page(coop, run)


@bp.post("/submit")
@needs("steward", of="coop")
@answered_on("payruns.show")
def submit(coop: str, run: int) -> ResponseReturnValue:
    """Sign first."""
    form = read(rev=whole())
    acts.submit(kit(), proved_here().handle, coop, run, form.rev)
    return to_page(coop, run)


@bp.post("/approve")
@needs("steward", of="coop")
@answered_on("payruns.show")
def approve(coop: str, run: int) -> ResponseReturnValue:
    """Sign second, which pays a run whose pay date has come."""
    form = read(rev=whole())
    acts.approve_and_post(kit(), proved_here().handle, coop, run, form.rev)
    return to_page(coop, run)


@bp.post("/post")
@needs("steward", of="coop")
@answered_on("payruns.show")
def post(coop: str, run: int) -> ResponseReturnValue:
    """Pay a run that two people have signed and whose pay date has come."""
    read()
    proved_here()
    acts.post(kit(), coop, run)
    return to_page(coop, run)


@bp.post("/return")
@needs("steward", of="coop")
@answered_on("payruns.show")
def give_back(coop: str, run: int) -> ResponseReturnValue:
    """Make a run that waits a draft again."""
    read()
    acts.give_back(kit(), signed_in().handle, coop, run)
    return to_page(coop, run)


@bp.get("/cash.csv")
@needs("steward", of="coop")
def cash(coop: str, run: int) -> Response:
    """Give what the cash payroll has to pay out, with nothing in it that a spreadsheet would run."""
    with snapshot(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        if found.is_draft or found.state == "dropped":
            raise refuse("run_not_ready")
        lines = paylines.as_kept(connection, found)
    header = (*HEADER, "kept_back", "res", "cash")
    rows = (
        (line.handle, line.name, payfile.format_hours(line.minutes), format_amount(line.due_minor),
         format_amount(line.deductions_minor), format_amount(line.kept_back_minor), format_amount(line.split.res_minor),
         format_amount(line.split.cash_minor))
        for line in lines
    )  # fmt: skip
    return saved(f"cash-{found.pay_on}", header, rows)


def to_page(coop: str, run: int) -> ResponseReturnValue:
    """Go on with the page of the run."""
    return redirect(url_for("payruns.show", coop=coop, run=run), 303)


def overtaken(
    coop: str, run: int, rows: Sequence[tuple[str, ...]], file: Payfile, refusal: Refusal
) -> ResponseReturnValue:
    """Show what was typed beside what the run holds since somebody changed it; a second press may replace that."""
    with reading(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        payees, lines = paylines.payees(connection, found.coop_id), _lines(connection, found)
        place = office.one_coop(connection, coop)
    typed = {due.handle: (due.minutes, due.total_minor, due.deductions_minor) for due in file.dues}
    held = {line.handle: (line.minutes, line.due_minor, line.deductions_minor) for line in lines}
    if typed == held:
        # Who presses twice has kept these very lines.
        return to_page(coop, run)
    others = [(handle, "", "", "") for handle in held if handle not in typed]
    blank = [row for row in rows if row[0] not in typed and row[0] not in held]
    shown = [row for row in rows if row[0] in typed] + others + blank
    told = {handle: _held(held.get(handle)) for handle in typed | held if typed.get(handle) != held.get(handle)}
    may_keep = found.is_draft and len(typed | held) <= TYPED_ROWS
    return said(page_of_table(place, found, shown[:TYPED_ROWS], payees, held=told, may_keep=may_keep), refusal)


def page_of_table(
    place: CoopRow | None,
    run: PayRun,
    rows: Sequence[tuple[str, ...]],
    payees: Mapping[str, PayablePerson],
    faults: Mapping[str, Sequence[Fault]] | None = None,
    held: Mapping[str, str] | None = None,
    may_keep: bool = True,
) -> str:
    """Render the table in which lines are typed; by handle `faults`, and what the run has `held` since it changed."""
    all_faults = (faults or {}).items()
    told = {handle: " ".join(dict.fromkeys(map(sentence, each))) for handle, each in all_faults}
    wrong = [(handle, fault.column) for handle, each in all_faults for fault in each if fault.column]
    names = {handle: each.name for handle, each in payees.items()}
    # Who is paid without working here has a line of their own to choose.
    others = [each for each in payees.values() if each.handle not in {row[0] for row in rows}]
    page = {"rows": rows, "faults": told, "wrong": wrong, "names": names, "others": others, "most": TYPED_ROWS}
    return render_template("payruns/lines.html", coop=place, run=run, held=held or {}, may_keep=may_keep, **page)


def sentence(fault: Fault) -> str:
    """Say what is wrong with a line."""
    return _(FAULTS[fault.code], about=fault.about) if fault.about else _(FAULTS[fault.code])


def _lines(connection: sa.Connection, run: PayRun) -> list[PayRunLine]:
    if run.month is None:
        month = this_month()
        return paylines.worked_out(connection, run, month, charters.voted(connection))
    return paylines.as_kept(connection, run)


def _held(line: tuple[int, int, int] | None) -> str:
    if line is None:
        return _("Now in the run: no line")
    minutes, *sums = line
    total, deductions = map(format_amount, sums)
    hours = payfile.format_hours(minutes)
    if not sums[1]:
        return _("Now in the run: %(hours)s hours, %(total)s", hours=hours, total=total)
    return _(
        "Now in the run: %(hours)s hours, %(total)s, deductions %(deductions)s",
        hours=hours,
        total=total,
        deductions=deductions,
    )


def _read_file(coop: str, run: int, content: bytes) -> tuple[CoopRow | None, PayRun, Payfile]:
    with reading(kit().engine) as connection:
        found = payruns.find(connection, coop, run)
        place = office.one_coop(connection, coop)
        return place, found, payfile.matched(payfile.read_payfile(content), paylines.payees(connection, found.coop_id))


def _faulty(file: Payfile) -> Refusal:
    rows = [{"line": each.line, "fault": each.code} for each in file.faults]
    return refuse("bad_form", _("There are faults in these lines. Nothing was changed."), rows=rows)
