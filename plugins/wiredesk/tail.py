"""Follow the log of changes: every change at least once, in order, and none missed.

    from wiredesk.tail import tail

    for change in tail("postgresql://…", "search-index"):
        handle(change)

The position is kept in the news database under the consumer's name, and confirmed once a batch was handled, when the
loop asks for the next one. So a consumer that is killed gets that batch again, and nothing else twice. One that stores
what it makes of the changes in the same database calls `news_v1.confirm_position` in its own transaction instead, and
handles each exactly once (docs/contract.md).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from wiredesk.errors import ContractViolation, StoreError
from wiredesk.store.consumers import Change, ConsumerSession

# A batch is what is handled again after a kill; a hundred changes are handled in a moment.
BATCH = 100
# The publisher's hint comes at once; this is for a hint that was missed, and for a server that was restarted.
POLL_S = 10.0
# A server that fails over is back within a minute. What lasts longer is for whoever runs the consumer to see.
_RECONNECTS_S = (0.5, 2.0, 5.0, 10.0, 20.0, 30.0)


def tail(
    dsn: str,
    consumer: str,
    *,
    start: int | None = None,
    follow: bool = True,
    batch: int = BATCH,
    poll_s: float = POLL_S,
) -> Iterator[Change]:
    """The changes that `consumer` has not confirmed yet, and those to come; without `follow` it ends at the newest.

    `start` goes to that position first, also back: the next change is the one behind it. Reconnects after a failure of
    the server; raises StoreError when that does not help, ContractViolation for a position that is not in the log or a
    name that belongs to another login.
    """
    waits = iter(_RECONNECTS_S)
    position: int | None = None  # of the last change that was handled here: a new connection goes on behind it
    last: Change | None = None  # that change
    while True:
        try:
            with ConsumerSession.open(dsn, consumer) as session:
                if position is None:
                    position = session.position() if start is None else session.confirm(start, may_go_back=True)
                elif last is not None and session.read(last.position - 1, 1) != [last]:
                    position = session.position()  # the database was restored, and gives positions again
                while True:
                    found = session.read(position, batch)
                    for change in found:
                        yield change
                        position, last = change.position, change
                    if found:
                        waits = iter(_RECONNECTS_S)
                        session.confirm(position)
                    elif follow:
                        session.wait(poll_s)
                    else:
                        return
        except ContractViolation:
            raise
        except StoreError:
            wait_s = next(waits, None)
            if wait_s is None:
                raise
            threading.Event().wait(wait_s)
