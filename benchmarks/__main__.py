"""`python -m benchmarks [name …]`: each benchmark in a process of its own, one after the other."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("parse_day", "fetch_feeds", "simulated_week")


def main(names: list[str]) -> int:
    """Run those named, or all; the number of those that failed."""
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    failed = []
    for name in names or BENCHMARKS:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
        print(flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
