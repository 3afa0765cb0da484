"""When a feed is polled next, and why; how due feeds are cut into batches. Pure: `now` comes from the caller.

A feed is polled as often as its news is worth it (`rhythm`), not before what its server and itself ask for
(`wishes`), and a failure backs off by what it means (`plan`). No failure ends the polling but one: a feed that is
gone (HTTP 410) twice in a row is retired, and comes back only by `wiredesk feed resume`.
"""

from __future__ import annotations

from wiredesk.models import Plan
from wiredesk.schedule.batches import cut_batches
from wiredesk.schedule.moves import MOVE_POLLS, MOVE_SPAN, Move, follow_move
from wiredesk.schedule.plan import plan_deferred, plan_next_fetch, sends_validators
from wiredesk.schedule.rhythm import Bounds, expected, in_words

__all__ = [
    "MOVE_POLLS",
    "MOVE_SPAN",
    "Bounds",
    "Move",
    "Plan",
    "cut_batches",
    "expected",
    "follow_move",
    "in_words",
    "plan_deferred",
    "plan_next_fetch",
    "sends_validators",
]
