"""`python -m benchmarks [name …]`: each benchmark in a process of its own, one after the other."""

from __future__ import annotations

import subprocess
import sys

SPEED = ("parse_day", "clean_cost", "fetch_feeds", "simulated_week", "match_stories", "store_news")
QUALITY = (
    "quality_text",
    "quality_metadata",
    "quality_stories",
    "race_stories",
    "race_changes",
    "race_forget",
    "race_outages",
    "race_steps",
)  # minutes each, so only by name


def main(names: list[str]) -> int:
    """Run those named, or all of speed; the number of those that failed."""
    known = SPEED + QUALITY
    if unknown := sorted(set(names) - set(known)):
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = []
    for name in names or SPEED:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
        print(flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
