"""`make psql`: psql as a reader of the news database, of `make up` if it runs, else of the demo."""

from __future__ import annotations

import os
import sys

from local.errors import LocalError
from local.running import running_cluster


def main() -> int:
    """Become psql; exit code 1 if no Postgres runs."""
    try:
        name, cluster = running_cluster()
        command, environment = cluster.psql_command(*sys.argv[1:])
        print(f"the news database of make {name}, as a reader; \\dv lists what there is", flush=True)
        os.execve(command[0], command, {**os.environ, **environment})  # noqa: S606 (psql takes over)
    except (LocalError, OSError) as error:
        print(f"make psql: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
