"""`python -m local.scratch evaluate …`: a `wiredesk` command that needs a server of its own, on a temporary one."""

from __future__ import annotations

import os
import subprocess
import sys

from local.errors import LocalError
from local.guard import temporary_postgres


def main() -> int:
    """Start the server, run `wiredesk` with the given arguments, remove the server; the command's exit code."""
    try:
        with temporary_postgres() as server:
            environment = os.environ | {"WIREDESK_EVALUATE_DSN": server.superuser_dsn()}
            command = [sys.executable, "-m", "wiredesk", *sys.argv[1:]]
            return subprocess.run(command, env=environment, check=False).returncode
    except LocalError as error:
        print(f"wiredesk: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
