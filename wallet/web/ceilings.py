"""The form of a ceiling, of every run or of one: the most of anybody's pay that comes in RES, or that there is none."""

from types import SimpleNamespace

from wallet.errors import refuse
from wallet.web.fields import Field, no_percentage, percent, text
from wallet.web.forms import read


def read_ceiling(**beside: Field) -> tuple[int | None, SimpleNamespace]:
    """Read the ceiling that is set, None where it ends, and the fields beside it.

    Raises: bad_form; bad_amount for a ceiling that is set and not written: a blank field is not 0 %.
    """
    form = read(percent=percent(optional=True), act=text(10), **beside)
    if form.act not in ("set", "end"):
        raise refuse("bad_form")
    if form.act == "end":
        return None, form
    if form.percent is None:
        refusal = no_percentage()
        refusal.wrong = {"percent": refusal.sentence}
        raise refusal
    return int(form.percent), form
