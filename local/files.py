"""Small files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def state_dir(name: str) -> Path:
    """The folder of one local set-up (`up` or `demo`): in WIREDESK_STATE_DIR or the checkout's .wiredesk."""
    return Path(os.environ.get("WIREDESK_STATE_DIR") or CHECKOUT / ".wiredesk").absolute() / name


def write_private(path: Path, text: str, owner: tuple[int, int] | None = None) -> None:
    """Replace `path` in one step with a file of mode 0600, given to `owner` (uid, gid) where that is named.

    A new file is renamed over the old name, so that a link somebody left there is replaced, not followed.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            file.write(text)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def persisted_secret(path: Path, fresh: str) -> str:
    """The secret kept in `path`; the first caller's `fresh` one is what is kept."""
    if not path.exists():
        write_private(path, fresh)
    return path.read_text(encoding="utf-8")


def tail(log: Path, start: int = 0, size: int = 2000) -> str:
    """The last `size` bytes of a log, from byte `start` on."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(start, end - size))
        return file.read().decode(errors="replace").strip()
