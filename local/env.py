"""`make env`: the lines that make `wiredesk` work in a shell. `eval "$(make -s env)"` takes them over."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from local.errors import LocalError
from local.running import running_cluster


def main() -> int:
    """Print shell commands without a password in them; exit code 1 if no Postgres runs."""
    try:
        _, cluster = running_cluster()
    except (LocalError, OSError) as error:
        print(f"make env: {error}", file=sys.stderr)
        return 1
    path = shlex.quote(str(Path(sys.executable).parent))
    print(f'export PATH={path}:"$PATH"')
    print(f"export PGPASSFILE={shlex.quote(str(cluster.pgpass))}")
    print(f"export WIREDESK_DSN=postgresql://wiredesk@127.0.0.1:{cluster.postgres.port}/wiredesk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
