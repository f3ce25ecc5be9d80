"""The clock of a page, which the test took by `page.clock.install()`."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page

# The clock runs until the word to stop arrives.
SOON = timedelta(seconds=2)


def stop(page: Page) -> None:
    """Let time stand still from two seconds after now; what is due by then is done."""
    # As a date: a bare number would be taken for seconds, and a page's are milliseconds.
    now = datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC)
    page.clock.pause_at(now + SOON)
