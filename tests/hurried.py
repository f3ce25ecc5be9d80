"""A gunicorn worker that waits no longer than a test does."""

from wallet.web.worker import TimedWorker


class Hurried(TimedWorker):
    """Wait two seconds for a request, or for an answer to be taken, where the wallet waits a minute."""

    ARRIVAL_SECONDS = 2
    TAKING_SECONDS = 2
