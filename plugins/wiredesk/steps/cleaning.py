"""Cleaning in processes of its own, each entry within a limit of processor time and memory, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from queue import LifoQueue, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

from wiredesk.bounded import BoundedWorker, borrowed_worker, call_again, excess
from wiredesk.clean.fragment import clean_fragment
from wiredesk.errors import EntryRejected, LimitExceeded
from wiredesk.models import EntryReason
from wiredesk.settings import Settings

T = TypeVar("T")

# A process takes 0.7 s of processor time to start, as long as 80 fragments take.
_WORTH_ANOTHER_PROCESS = 80

_clean_harmless = partial(clean_fragment, "<p>A report.</p>", base_url=None)


class CleanWorkers:
    """Up to `settings.clean_processes` processes that clean, which start when they are needed."""

    def __init__(self, settings: Settings) -> None:
        self._workers = ExitStack()
        # Last in, first out: a small batch keeps to one process, so that the others need not start.
        self._free: LifoQueue[BoundedWorker] = LifoQueue()
        self._count = settings.clean_processes
        for _ in range(self._count):
            worker = borrowed_worker(settings.clean_cpu_s, settings.clean_memory_mb)
            self._free.put(self._workers.enter_context(worker))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._workers.close()

    def __call__(self, jobs: Sequence[Callable[[], T]]) -> list[T | EntryRejected]:
        """Do all jobs, each within the limits; a job's result, or why there is none, in the order of the jobs.

        Raises StepFailed where no job can be done here at all.
        """
        if len(jobs) < _WORTH_ANOTHER_PROCESS or self._count == 1:
            return [self.attempt(job) for job in jobs]
        with ThreadPoolExecutor(self._count) as pool:
            return list(pool.map(self.attempt, jobs))

    def attempt(self, job: Callable[[], T]) -> T | EntryRejected:
        """Do one job in whichever process is free."""
        try:
            with self._one() as worker:
                return call_again(worker, job, _clean_harmless)
        except EntryRejected as error:
            return error
        except LimitExceeded as error:
            return EntryRejected(EntryReason.TOO_COSTLY, f"cleaning it took {excess(error, 'CLEAN')}")

    @contextmanager
    def _one(self) -> Iterator[BoundedWorker]:
        worker = self._free.get()
        try:
            yield worker
        finally:
            self._free.put(worker)


def in_order(work: Callable[..., T], items: Iterable[tuple[Any, ...]], count: int) -> Iterator[T]:
    """`work(*item)` for each item, `count` at once in threads; each result as soon as it and all before it are there,
    whether or not the next item has come. Whoever sends one item at a time gets one answer at a time.
    """
    under_way: Queue[Future[T] | None] = Queue(maxsize=2 * count)

    def read(pool: ThreadPoolExecutor) -> None:
        try:
            for item in items:
                under_way.put(pool.submit(work, *item))
        except Exception as error:  # noqa: BLE001 (of the items: it is raised where the results are taken)
            failed: Future[T] = Future()
            failed.set_exception(error)
            under_way.put(failed)
        under_way.put(None)

    with ThreadPoolExecutor(count) as pool:
        Thread(target=read, args=(pool,), daemon=True).start()
        while (found := under_way.get()) is not None:
            yield found.result()
