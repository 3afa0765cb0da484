"""What makes an entry the same entry, and the same wording, from poll to poll."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from wiredesk.errors import EntryRejected
from wiredesk.models import Entry, EntryReason

# A B-tree page of Postgres takes keys of up to 2,704 bytes; real guids are below 500.
_LONGEST_KEY_BYTES = 1024


def identified(draft: Entry, item_id: str | None) -> Entry:
    """The draft with its key and digest. Raises EntryRejected(no_identity).

    The key is the item's own id (guid), else its link, else a digest of its title and date, else of all that
    it says. A key that is too long to be stored is replaced by its SHA-256.
    """
    key = _bounded(item_id or draft.url or "") or _told_key(draft)
    if not key:
        raise EntryRejected(EntryReason.NO_IDENTITY, "the item says nothing: no id, link, title, text or date")
    return replace(draft, key=key, digest=entry_digest(draft))


def entry_digest(entry: Entry) -> bytes:
    """SHA-256 of all fields but key and digest.

    Canonical form: a JSON array of the fields in the order of `Entry`, dates in ISO 8601 at UTC, tuples and
    enclosures as arrays, without spaces, non-ASCII escaped.
    """
    canonical = json.dumps(_said(entry), default=_iso, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).digest()


def aliases(entry: Entry, url_key: str | None) -> tuple[bytes, ...]:
    """By what else an entry may be known, strongest first: SHA-256 of a kind, a line feed, and a value.

    - `guid-path`: the key without scheme and host, where it is a URL (a site that moved to https or another host);
    - `url`: the canonical URL, with its query (`url_key` is `wiredesk.clean.urls.url_key` of the entry's URL);
    - `told`: the title and the date of publication, where both are there.

    They are weaker than the key, and are used by `renamed_keys` alone.
    """
    found = [("guid-path", _guid_path(entry.key)), ("url", url_key)]
    if entry.title and entry.published_at:
        found.append(("told", f"{_iso(entry.published_at)}\n{entry.title}"))
    return tuple(hashlib.sha256(f"{kind}\n{value}".encode()).digest() for kind, value in found if value)


def renamed_keys(
    unknown: Mapping[str, Sequence[bytes]],
    holders: Mapping[bytes, Collection[str]],
    present: Collection[str],
) -> dict[str, str]:
    """Entries that came under a new key: new key → the key under which the feed's entry is stored.

    `unknown` are the aliases of the document's entries whose key is not stored, by key; `holders` are the stored keys
    of the same feed that have an alias; `present` are all keys of the document. An alias names an entry only where
    nothing else could be meant: one stored key has it, that key is not in the document (else both are published
    side by side, as two stories), and one unknown entry of the document has it. An entry goes by its strongest such
    alias; two entries never take one stored key. Where in doubt, the entry is new: twice is mended by the
    near-duplicate search, lost is not mended by anything.
    """
    standing = set(present)
    carriers = Counter(alias for found in unknown.values() for alias in set(found))
    claims: dict[str, str] = {}
    for key, found in unknown.items():
        for alias in found:
            stored = set(holders.get(alias, ()))
            if len(stored) == 1 and carriers[alias] == 1 and stored.isdisjoint(standing):
                claims[key] = stored.pop()
                break
    claimed = Counter(claims.values())
    return {key: old for key, old in claims.items() if claimed[old] == 1}


def settle_duplicates(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Entries with each key once, and how many were dropped for it.

    Some publishers' ids or links do not tell their stories apart. Entries with one id that lead to different
    URLs go by their URLs; entries with one link and different titles go by title and date. What still
    shares a key is one entry in several wordings: the one with the latest date stays; without dates, the
    first, as feeds list the newest first.
    """
    settled = _told_apart(entries, lambda entry: entry.url, lambda entry: _bounded(entry.url or ""))
    by_link = {entry.key for entry in settled if entry.key == _bounded(entry.url or "")}
    settled = _told_apart(settled, lambda entry: entry.title if entry.key in by_link else None, _told_key)
    kept: dict[str, Entry] = {}
    for entry in settled:
        other = kept.get(entry.key)
        if other is None or _latest(entry) > _latest(other):
            kept[entry.key] = entry
    return list(kept.values()), len(entries) - len(kept)


def possible_keys(draft: Entry) -> set[str]:
    """Every key that `settle_duplicates` may give the draft."""
    return {draft.key, _bounded(draft.url or ""), _told_key(draft)}


def _told_apart(
    entries: Sequence[Entry], mark: Callable[[Entry], str | None], new_key: Callable[[Entry], str]
) -> list[Entry]:
    """Entries whose key stands for several marks get a new key; those without a mark keep theirs."""
    marks: dict[str, set[str]] = {}
    for entry in entries:
        if found := mark(entry):
            marks.setdefault(entry.key, set()).add(found)
    return [
        replace(entry, key=new_key(entry)) if len(marks.get(entry.key, ())) > 1 and mark(entry) else entry
        for entry in entries
    ]


def _told_key(entry: Entry) -> str:
    """A key of what the item says: title and date, else all of it; empty where it says nothing."""
    if entry.title:
        told = f"{_iso(entry.published_at)}\n{entry.title}"
        return f"told:{hashlib.sha256(told.encode()).hexdigest()}"
    return f"told:{entry_digest(entry).hex()}" if any(_said(entry)) else ""


def _guid_path(key: str) -> str | None:
    """Path, query and fragment of a key that is a URL; None where they say nothing (a front page)."""
    try:
        parts = urlsplit(key)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc or not (parts.path.strip("/") or parts.query):
        return None
    return urlunsplit(("", "", parts.path, parts.query, parts.fragment))


def _said(entry: Entry) -> tuple[object, ...]:
    """All fields but key and digest. Written out, because dataclasses.astuple copies every text."""
    files = tuple((file.url, file.media_type, file.length_bytes) for file in entry.enclosures)
    return (
        entry.url,
        entry.title,
        entry.html,
        entry.summary,
        entry.authors,
        entry.published_at,
        entry.updated_at,
        entry.categories,
        files,
        entry.language,
    )


def _latest(entry: Entry) -> datetime:
    dates = [moment for moment in (entry.updated_at, entry.published_at) if moment]
    return max(dates, default=datetime.min.replace(tzinfo=UTC))


def _bounded(key: str) -> str:
    encoded = key.encode()
    return key if len(encoded) <= _LONGEST_KEY_BYTES else f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
