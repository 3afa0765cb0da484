"""Speed, memory and behaviour, measured beside peers in the same run. `make bench`; never part of `make test`.

Numbers of one machine mean little, so each benchmark prints ratios. Each runs alone too: `python -m
benchmarks.parse_day`. What needs the shared data for development says so and is skipped where that is absent.
"""
