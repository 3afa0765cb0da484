"""From a parsed payload to rows: which entries are new, what articles they make, and how these are signed.

Pure: a function of the payload, the stored pages, the digests known, the scheme and the code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from wiredesk.clean.article import clean_article
from wiredesk.clean.override import Override
from wiredesk.clean.urls import url_key
from wiredesk.dedup.sign import sign_texts
from wiredesk.errors import EntryRejected
from wiredesk.models import (
    CleanArticle,
    Entry,
    ParsedFeed,
    PreparedArticle,
    PreparedPayload,
    RejectedEntry,
    SignatureScheme,
    SignedText,
    StoredPage,
)
from wiredesk.parse.identity import aliases

Clean = Callable[[Sequence[Callable[[], CleanArticle]]], Sequence[CleanArticle | EntryRejected]]

PAGE_FAILED = "page_failed"  # the page could not be had or cleaned; the text is the feed's

# A btree key may have 2,704 bytes; the database's CHECKs ask for 1,024.
_KEY_BYTES = 1024


def changed_entries(entries: Sequence[Entry], known: Mapping[str, bytes]) -> list[Entry]:
    """Entries that are new, or whose digest is not the known one."""
    return [entry for entry in entries if known.get(entry.key) != entry.digest]


def entry_aliases(entries: Sequence[Entry]) -> dict[str, tuple[bytes, ...]]:
    """By what else each entry is recognised, strongest first, by key."""
    return {entry.key: aliases(entry, url_key(entry.url)) for entry in entries}


def clean_in_turn(jobs: Sequence[Callable[[], CleanArticle]]) -> list[CleanArticle | EntryRejected]:
    """Clean in this process, without a limit: for what is trusted."""
    results: list[CleanArticle | EntryRejected] = []
    for job in jobs:
        try:
            results.append(job())
        except EntryRejected as error:
            results.append(error)
    return results


def prepare_payload(
    parsed: ParsedFeed,
    known: Mapping[str, bytes],
    pages: Mapping[str, StoredPage],
    *,
    feed_id: int,
    feed_url: str,
    feed_language: str | None,
    is_full_text: bool,
    scheme: SignatureScheme,
    min_words: int,
    learned: Collection[bytes] = (),
    override: Override | None = None,
    clean: Clean = clean_in_turn,
) -> PreparedPayload:
    """Work out everything that loading a payload writes. `known` and `pages` are by entry key.

    An entry that came under a new key and is recognised has the digest of its predecessor in `known`. `learned` are
    the keys of lines that are residue of the source, `override` what a person says of its pages. `clean` does the jobs
    of cleaning, wherever it likes, and gives back each one's article or why there is none.
    """
    changed = changed_entries(parsed.entries, known)
    changed_keys = {entry.key for entry in changed}
    missing = frozenset(entry.key for entry in changed if is_full_text and entry.url and entry.key not in pages)
    about = {
        "feed_url": feed_url,
        "feed_language": feed_language or parsed.language,
        "learned": frozenset(learned),
        "override": override,
    }
    cleaned, problems = _clean_entries(changed, pages, about, clean)
    rejected = [*parsed.rejected, *problems]
    cleaned = [(entry, _flagged(article) if entry.key in missing else article) for entry, article in cleaned]
    kept = {entry.key for entry, _ in cleaned}
    return PreparedPayload(
        parsed=parsed,
        changed=tuple(entry for entry in changed if entry.key in kept),
        unchanged=tuple(entry for entry in parsed.entries if entry.key not in changed_keys),
        missing_pages=missing,
        new_entry_count=len(kept - known.keys()),
        articles=tuple(_prepare_articles(feed_id, cleaned, scheme, min_words)),
        rejected=tuple(rejected),
        aliases=entry_aliases(
            [entry for entry in parsed.entries if entry.key in kept or entry.key not in changed_keys]
        ),
    )


def is_revision(
    prepared: PreparedArticle,
    *,
    is_same_entry: bool,
    stored_digest: bytes,
    stored_word_count: int,
    stored_at: datetime,
    seen_at: datetime,
) -> bool:
    """Whether a wording replaces the stored one.

    Of the same entry the newer wording does. Of another entry with the same URL the fuller one does, whichever
    was loaded first, so that the order of loading does not decide; equally long ones are ordered by digest.
    """
    if prepared.text_digest == stored_digest:
        return False
    # A page that could not be had this time says nothing about the text that it gave before.
    if is_same_entry and PAGE_FAILED not in prepared.article.flags:
        return seen_at >= stored_at
    return (prepared.word_count, prepared.text_digest) > (stored_word_count, stored_digest)


def entry_bytes(entry: Entry) -> bytes:
    """An entry as JSON with sorted keys, for the quarantine."""

    def plain(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    return json.dumps(asdict(entry), default=plain, ensure_ascii=False, sort_keys=True).encode()


def _clean_entries(
    entries: Sequence[Entry], pages: Mapping[str, StoredPage], about: Mapping[str, Any], clean: Clean
) -> tuple[list[tuple[Entry, CleanArticle]], list[RejectedEntry]]:
    """The entries with their articles, and what could not be cleaned. An entry whose page is at fault has the feed's
    own text.
    """
    jobs = [_job(entry, about, pages.get(entry.key)) for entry in entries]
    results = dict(zip([entry.key for entry in entries], clean(jobs), strict=True))
    failed = {key: found for key, found in results.items() if isinstance(found, EntryRejected)}
    again = [entry for entry in entries if entry.key in failed and entry.key in pages]
    for entry, found in zip(again, clean([_job(entry, about, None) for entry in again]), strict=True):
        results[entry.key] = found if isinstance(found, EntryRejected) else _flagged(found)
    cleaned: list[tuple[Entry, CleanArticle]] = []
    rejected: list[RejectedEntry] = []
    for entry in entries:
        found = results[entry.key]
        if isinstance(found, EntryRejected):
            rejected.append(RejectedEntry(found.reason, found.detail, entry_bytes(entry), entry.key))
            continue
        cleaned.append((entry, found))
        if problem := failed.get(entry.key):
            detail = f"its page {pages[entry.key].url}: {problem.detail}; the article has the feed's own text"
            rejected.append(RejectedEntry(problem.reason, detail, entry_bytes(entry), entry.key))
    return cleaned, rejected


def _job(entry: Entry, about: Mapping[str, Any], page: StoredPage | None) -> Callable[[], CleanArticle]:
    found: dict[str, Any] = (
        {"page": page.body, "page_url": page.url, "page_content_type": page.content_type} if page else {}
    )
    return partial(clean_article, entry, **about, **found)


def _flagged(article: CleanArticle) -> CleanArticle:
    return replace(article, flags=(*article.flags, PAGE_FAILED))


def _prepare_articles(
    feed_id: int, cleaned: Sequence[tuple[Entry, CleanArticle]], scheme: SignatureScheme, min_words: int
) -> list[PreparedArticle]:
    """One article a URL: of several entries with the same URL the fullest gives the wording, the first of equals."""
    by_url: dict[str, list[tuple[Entry, CleanArticle]]] = {}
    for entry, article in cleaned:
        place = _bounded(article.url_key or f"entry:{feed_id}:{entry.key}")
        by_url.setdefault(place, []).append((entry, article))
    chosen = {place: sorted(group, key=lambda member: -len(member[1].text)) for place, group in by_url.items()}
    signed = sign_texts([group[0][1].text for group in chosen.values()], scheme, min_words=min_words)
    return [_prepare_article(place, group, text) for (place, group), text in zip(chosen.items(), signed, strict=True)]


def _prepare_article(place: str, group: Sequence[tuple[Entry, CleanArticle]], signed: SignedText) -> PreparedArticle:
    article = group[0][1]
    return PreparedArticle(
        entry_keys=tuple(entry.key for entry, _ in group),
        url_key=place,
        article=article,
        text_digest=hashlib.sha256(f"{article.title}\n{article.text}".encode()).digest(),
        word_count=signed.word_count,
        signature=signed.signature,
    )


def _bounded(key: str) -> str:
    encoded = key.encode()
    return key if len(encoded) <= _KEY_BYTES else f"sha256:{hashlib.sha256(encoded).hexdigest()}"
