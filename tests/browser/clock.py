"""The clock of a page, which the test took by `page.clock.install()`."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Error, Page

# The clock runs until the word to stop arrives.
SOON = timedelta(seconds=2)
# How often a till looks beside its stream.
LOOK_SECONDS = 10
LOOKS = "**/tills/*/state"
# How long a screen that has just turned takes no press that acts for good, as lib/still.js says.
STILL_MS = 700


def stop(page: Page) -> None:
    """Let time stand still from two seconds after now; what is due by then is done."""
    try:
        page.clock.pause_at(_soon(page))
    except Error as late:
        # The machine was so busy that the moment was over: time stands all the same, and has one more to come to.
        if "to the past" not in late.message:
            raise
        page.clock.pause_at(_soon(page))


def _soon(page: Page) -> datetime:
    # As a date: a bare number would be taken for seconds, and a page's are milliseconds.
    return datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC) + SOON


def run_connected(till: Page, seconds: int, looks: str = LOOKS) -> None:
    """Let time go by on a till whose `looks` are answered meanwhile: a jump alone leaves no time for that."""
    for _ in range(0, seconds, LOOK_SECONDS):
        with till.expect_response(looks):
            till.clock.run_for(LOOK_SECONDS * 1000)
