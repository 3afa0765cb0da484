"""Waiting for one's turn: in order for each host, as the budget says, and not longer than a batch can wait."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from wiredesk.fetch.budget import HostBudget, Wait
from wiredesk.models import FetchReason

# A batch's task may run for 15 minutes; what has not begun after 10 is better deferred than cut off.
LONGEST_QUEUE_S = 600
# The soonest that a deferred request comes back: planning and claiming it anew takes about a minute.
_SOONEST_RETURN_S = 60


class Deferral(Exception):
    """The request was not sent: its host is paused, or too many others wait for it."""

    def __init__(self, reason: FetchReason, retry_after_s: int) -> None:
        super().__init__(f"{reason}: again in {retry_after_s} s")
        self.reason = reason
        self.retry_after_s = retry_after_s


class _Lane:
    """Those who wait for one host. Only the first asks the budget, the others stand behind it."""

    def __init__(self) -> None:
        self.first = asyncio.Lock()  # hands itself on in the order of arrival
        self.freed = asyncio.Event()
        self.deferred_count = 0  # who ran out of time, after which nobody here has any


class Turns:
    """At most `total` requests at once, and against each host as the budget allows. Made inside the event loop.

    `waiting_count` is how many wait for their host; `on_wait` is called when one begins to.
    """

    def __init__(self, budget: HostBudget, *, total: int, gap_s: float, on_wait: Callable[[], None]) -> None:
        self.waiting_count = 0
        self._on_wait = on_wait
        self._budget = budget
        self._gap_s = gap_s
        self._places = asyncio.Semaphore(total)
        self._lanes: dict[str, _Lane] = {}
        self._until = asyncio.get_running_loop().time() + LONGEST_QUEUE_S

    async def begin(self, host: str) -> str:
        """Wait, then take a permit of the host and one of the places, to be given back by `end`. Raises Deferral.

        Two verbs and no context manager: an asynchronous generator for each request costs as much as the rest.
        """
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane()
        if lane.first.locked():
            with self._waiting():
                await lane.first.acquire()
        else:
            await lane.first.acquire()
        try:
            return await self._permit(host, lane)
        finally:
            lane.first.release()

    def end(self, host: str, permit: str) -> None:
        """Give back what `begin` took, whatever became of the request."""
        self._places.release()
        self._lanes[host].freed.set()
        self._budget.finish(host, permit)

    async def _permit(self, host: str, lane: _Lane) -> str:
        """The host's permit, taken together with a place: a start must follow its permit at once, or two starts
        whose permits lay apart would fall together, and who waits for a host must not hold a place.
        """
        while True:
            if lane.deferred_count:
                raise self._out_of_time(lane)
            await self._places.acquire()
            answer: str | Wait | None = None
            try:
                lane.freed.clear()
                answer = self._budget.try_start(host)
            finally:
                if not isinstance(answer, str):
                    self._places.release()
            if isinstance(answer, str):
                return answer
            if answer.is_paused:
                raise Deferral(FetchReason.HOST_PAUSED, math.ceil(answer.seconds))
            if asyncio.get_running_loop().time() + answer.seconds > self._until:
                raise self._out_of_time(lane)
            with self._waiting(), suppress(TimeoutError):
                async with asyncio.timeout(answer.seconds):
                    await lane.freed.wait()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self.waiting_count += 1
        self._on_wait()
        try:
            yield
        finally:
            self.waiting_count -= 1

    def _out_of_time(self, lane: _Lane) -> Deferral:
        """Each a gap after the one before it, so that they do not come back all at once."""
        lane.deferred_count += 1
        return Deferral(FetchReason.HOST_BUSY, math.ceil(_SOONEST_RETURN_S + lane.deferred_count * self._gap_s))
