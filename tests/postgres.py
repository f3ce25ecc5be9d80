"""A private PostgreSQL cluster for tests and benchmarks, gone without a trace when they end."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from tests.debian import install

# Nothing of this survives the run, so by default the disk is not waited for, nor used where memory can be had: to make
# and drop a database takes a tenth of the time there.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
COMMON = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "128MB", "log_timezone": "UTC"}

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ENOUGH_BYTES = 2 * 1024**3
SERVICE_USERS = ("postgres", "nobody")
MISSING = (
    "PostgreSQL's programs (initdb, pg_ctl, postgres) are missing: install them with"
    " `apt-get install postgresql` as root, or put them on PATH."
)


class PostgresMissing(RuntimeError):
    """Say in one line that PostgreSQL's programs are missing and how to get them."""


@contextmanager
def running_postgres(durable: bool = False) -> Iterator[str]:
    """Run a cluster of its own and give the SQLAlchemy address of its `postgres` database.

    Units:  `durable` waits for the disk on each commit, as in production.
    Raises: PostgresMissing when the machine has no PostgreSQL and may not install one.
    """
    programs = found_programs()
    # The path is short: a socket's has 107 characters at most.
    home = Path(tempfile.mkdtemp(prefix="res-pg-", dir=DISK if durable else quickest()))
    user = service_user()
    if user is not None:
        shutil.chown(home, user.pw_uid, user.pw_gid)
    data = home / "data"
    run = _Run(programs, home, user)
    try:
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        _configure(data, home, DURABLE if durable else QUICK)
        _start(run, home)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        _remove(home)


def kill(cluster: str) -> None:
    """Kill every process of a cluster at once, as when the power fails, and wait until they are gone.

    Units:  `cluster` is its address, as `running_postgres` gives it.
    """
    home = _home(cluster)
    left = [home / "data" / "postmaster.pid", *home.glob(".s.PGSQL.*.lock")]
    minder = left[0].read_text().split()[0]
    # Stopped, it neither starts another process nor has its own say.
    os.kill(int(minder), signal.SIGSTOP)
    everyone = [minder, *Path(f"/proc/{minder}/task/{minder}/children").read_text().split()]
    for pid in everyone:
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    while any(_is_running(pid) for pid in everyone):
        time.sleep(0.01)
    # Nobody may be there to bury the dead, and the next server would take them for living.
    for file in left:
        file.unlink()


def start(cluster: str) -> None:
    """Start a cluster again that was killed, and wait until it answers."""
    home = _home(cluster)
    _start(_Run(found_programs(), home, service_user()), home)


def cut_off(engine: sa.Engine) -> None:
    """End every connection that the engine keeps, and wait until they are gone."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    apart = sa.create_engine(engine.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with apart.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")
        while connection.exec_driver_sql(f"SELECT count(*) {others}").scalar_one():
            time.sleep(0.01)


def quickest() -> Path:
    """Give the folder for what need not survive: in memory, where the machine has room for it."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        return MEMORY
    return DISK


def found_programs() -> Path:
    """Find the folder of PostgreSQL's programs; as root, install Debian's package when there is none."""
    folder = _folder()
    if folder is None:
        install("postgresql")
        folder = _folder()
    if folder is None:
        raise PostgresMissing(MISSING)
    return folder


def service_user() -> pwd.struct_passwd | None:
    """Name the user the server runs as: PostgreSQL refuses root; nobody else needs another user."""
    if os.geteuid() != 0:
        return None
    for name in SERVICE_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissing(
        "PostgreSQL refuses to run as root, and this machine has neither a postgres nor a nobody user."
    )


def _folder() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        candidates.insert(0, Path(on_path).resolve().parent)
    wheel = importlib.util.find_spec("pgserver")
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


class _Run:
    """Run one of PostgreSQL's programs as the service user; its own words are the error."""

    def __init__(self, programs: Path, home: Path, user: pwd.struct_passwd | None) -> None:
        self.programs, self.home, self.user = programs, home, user
        # The environment is bare: PGDATA, PGHOST and their kin must not lead to somebody's real database.
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(home)}

    def __call__(self, program: str, *arguments: str) -> None:
        # The server inherits what it is given, so it gets a file and not a pipe that would never close.
        with (self.home / "out").open("w+") as out:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                check=False,
                cwd=self.home,
                env=self.environment,
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            if done.returncode != 0:
                out.seek(0)
                log = self.home / "log"
                raise RuntimeError(f"{program} failed: {out.read()}{log.read_text() if log.exists() else ''}")


def _start(run: _Run, home: Path) -> None:
    run("pg_ctl", "-D", str(home / "data"), "-l", str(home / "log"), "-w", "-t", "60", "start")


def _home(cluster: str) -> Path:
    return Path(str(sa.make_url(cluster).query["host"]))


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _configure(data: Path, sockets: Path, durability: Mapping[str, str]) -> None:
    settings = {**COMMON, **durability, "unix_socket_directories": str(sockets), "timezone": "UTC"}
    with (data / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _remove(home: Path) -> None:
    # After an immediate stop a last child may still be writing its goodbye.
    for _attempt in range(5):
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            return
        time.sleep(0.2)
    shutil.rmtree(home)
