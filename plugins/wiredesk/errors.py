"""Every error wiredesk raises, arranged by what happens next.

    WiredeskError
    ├── ConfigurationError      stops at start: a setting is missing or wrong
    │   └── SchemaMismatch      the database is behind or ahead of this code
    ├── FetchError              recorded on the feed, which backs off; the task succeeds
    ├── PayloadError            the payload is quarantined whole; its feed goes on
    ├── EntryRejected           the entry is quarantined with a reason; its neighbours go on
    ├── StoreError              transient: the whole transaction is tried again, bounded
    │   └── ContractViolation   permanent: the task fails and pages somebody
    ├── LimitExceeded           a bounded call took too much, or its process died: whoever made the call says what of
    │                           it is quarantined
    ├── StepFailed              some items of a step failed and the others are done: the task fails
    └── NotFound                what the caller named does not exist, or cannot be had now

Messages are written for the person who reads them: what is wrong, where, what to do.
"""

from __future__ import annotations

from typing import Any, Literal

from wiredesk.models import EntryReason, FetchReason, PayloadReason


class WiredeskError(Exception):
    """Base of all errors that wiredesk raises on purpose. They pass from process to process as they are."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[WiredeskError], args: tuple[object, ...], state: dict[str, object]) -> WiredeskError:
    """An error from its pickle, whatever its __init__ takes."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(WiredeskError):
    """A setting is missing or wrong; nothing was started."""


class SchemaMismatch(ConfigurationError):
    """The database's schema is behind or ahead of this code's migrations."""


class FetchError(WiredeskError):
    """One attempt at a URL failed. `reason` says how; the feed's back-off follows from it."""

    def __init__(self, reason: FetchReason, detail: str, *, http_status: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.http_status = http_status


class PayloadError(WiredeskError):
    """A payload as a whole could not be processed; it is quarantined and can be replayed."""

    def __init__(self, reason: PayloadReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class EntryRejected(WiredeskError):
    """One entry could not be processed; it is quarantined and its neighbours go on."""

    def __init__(self, reason: EntryReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class StoreError(WiredeskError):
    """The database failed in a way that a new attempt at the whole transaction may cure."""


class ContractViolation(StoreError):
    """The database refused a row that the code believed valid: a bug, so it fails loudly."""


class LimitExceeded(WiredeskError):
    """A call in a bounded worker took more processor time or memory than it may, or its process died."""

    def __init__(self, what: Literal["cpu", "memory", "died"], detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what = what
        self.detail = detail


class StepFailed(WiredeskError):
    """Some of a step's items failed, each named in the message; the others are done. Trying again does not help."""


class NotFound(WiredeskError):
    """What the caller named (a feed, an article) does not exist, or cannot be had now."""
