"""Take an article, all below an address, or all of a publisher out of every table, and keep it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from wiredesk.clean.urls import url_key
from wiredesk.crashpoints import crash_point
from wiredesk.errors import ConfigurationError
from wiredesk.session import Clock, utc_now
from wiredesk.steps.addresses import Addresses, addresses_in, own_addresses
from wiredesk.steps.match import reassign
from wiredesk.store import changes, feeds, forget, stories
from wiredesk.store.articles import read_article
from wiredesk.store.database import Connection, Database
from wiredesk.store.forget import Doomed, Target
from wiredesk.store.stories import StoryChange

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was removed where."""

    tombstone_id: int
    is_dry_run: bool
    articles: int
    changes: tuple[StoryChange, ...]  # what became of stories, in order
    removed: Mapping[str, int]  # rows deleted or emptied, by table; `unloaded_payloads` go when they are loaded
    namesakes: tuple[int, ...] = ()  # articles that stay, whose pages name an address below the prefix as their own


def forget_articles(
    database: Database,
    *,
    why: str,
    by: str,
    article_id: int | None = None,
    url_prefix: str | None = None,
    host: str | None = None,
    dry_run: bool = True,
    clock: Clock = utc_now,
) -> Certificate:
    """Forget what is named, in one transaction: an article, an address with all below it, or a publisher.

    A dry run does the same work and takes it back. What was forgotten before is looked for again, and what was met of
    it since goes too, with a certificate of its own. Raises NotFound for an article or a publisher that is not there,
    and ConfigurationError where not one thing is named, no reason is given, or the prefix is no address.
    """
    if sum(given is not None for given in (article_id, url_prefix, host)) != 1:
        raise ConfigurationError("name one thing to forget: an article, a URL prefix or a source")
    if not why.strip() or not by.strip():
        raise ConfigurationError("forgetting needs who and why: both stand on the tombstone, for whoever wonders")
    prefix = url_key(url_prefix) if url_prefix is not None else None
    if url_prefix is not None and prefix is None:
        raise ConfigurationError(f"{url_prefix!r} is no http(s) URL: give the beginning of an address, with its host")

    def carry_out(connection: Connection) -> Certificate:
        with connection.transaction(force_rollback=dry_run):
            forget.lock_forgetting(connection)
            source_id = feeds.source_id_of(connection, host) if host is not None else None
            target = Target(article_id, prefix, source_id)
            found = _carry_out(connection, target, why, by, clock(), is_dry_run=dry_run)
            crash_point("forget.before_commit")
            return found

    certificate = database.run(carry_out)
    crash_point("forget.after_commit")
    return certificate


def _carry_out(
    connection: Connection, target: Target, why: str, by: str, now: datetime, *, is_dry_run: bool
) -> Certificate:
    key = target.url_prefix
    if target.article_id is not None:
        key = read_article(connection, target.article_id)["url_key"]
    found = forget.doomed_articles(connection, target)
    doomed = [article for article in found if not article.is_removed]
    addresses = forget.addresses_of(connection, doomed)
    # Of a publisher all goes anyway.
    wanted = addresses | ({key} if key is not None else set()) if target.source_id is None else set()
    poison, payloads = _quarantined(connection, Addresses.of(wanted, target.url_prefix))
    told, removed = remove_articles(
        connection,
        doomed,
        lambda alone: forget.erase(
            connection,
            target,
            found,
            url_key=key,
            alone=alone,
            quarantine_ids=poison,
            payload_digests=payloads,
            now=now,
        ),
        now=now,
    )
    tombstone_id = forget.add_tombstone(
        connection, target.kind, url_key=key, source_id=target.source_id, why=why, by=by, certificate=removed, now=now
    )
    forget.keep_out_of(connection, addresses, source_id=target.source_id, why=why, by=by, now=now)
    return Certificate(
        tombstone_id, is_dry_run, len(doomed), told, removed, tuple(_namesakes(connection, target, found))
    )


def remove_articles(
    connection: Connection, doomed: Sequence[Doomed], erase: Callable[[list[int]], T], *, now: datetime
) -> tuple[tuple[StoryChange, ...], T]:
    """Take articles out of their stories, and let consumers know; what became of stories, and what `erase` returns.

    `erase` is given those that are alone in their story, once others lead theirs. It must be held off that anybody
    writes what is made of these articles (`store.forget.lock_forgetting`).
    """
    stories.lock_stories(connection)
    remaining = forget.remaining_articles(connection, doomed)
    leads = stories.read_leads(connection, list(remaining))
    handed_over = _hand_over(connection, doomed, remaining, leads, now)
    erased = erase([lead for story_id, lead in leads.items() if lead is not None and not remaining[story_id]])
    gone = [
        StoryChange("article_removed", article.story_id, article.article_id)
        for article in doomed
        if article.story_id is not None
    ]
    changes.record_stories(connection, gone, now=now)
    stay = [article_id for members in remaining.values() for article_id in members]
    moved = reassign(connection, stay, now=now) if stay else []
    return (*handed_over, *gone, *moved), erased


def _namesakes(connection: Connection, target: Target, found: Sequence[Doomed]) -> list[int]:
    """Other articles whose pages name an address below the prefix as their own: copies do, and redirected ones."""
    if target.url_prefix is None:
        return []
    named = forget.canonical_addresses(connection, urlsplit(target.url_prefix).netloc)
    meant = Addresses.of((), target.url_prefix)
    known = {article.article_id for article in found}
    return [article_id for article_id, address in named.items() if article_id not in known and meant.has([address])]


def _quarantined(connection: Connection, meant: Addresses) -> tuple[list[int], list[bytes]]:
    """What in quarantine is at these addresses and never became an entry, and payloads that hold any of it."""
    if not meant.hosts:
        return [], []
    poison = [
        one.quarantine_id
        for one in forget.quarantined(connection)
        if meant.has(addresses_in(one.raw) if one.is_payload else own_addresses(one.raw, one.entry_key))
    ]
    found = forget.payloads_since(connection, poison)
    return poison, [digest for digest, body in found if meant.has(addresses_in(body))]


def _hand_over(
    connection: Connection,
    doomed: Sequence[Doomed],
    remaining: Mapping[int, list[int]],
    leads: Mapping[int, int | None],
    now: datetime,
) -> list[StoryChange]:
    """Let another article lead each story whose lead goes; its id stays."""
    gone = {article.article_id for article in doomed}
    heirs = {story_id: members[0] for story_id, members in remaining.items() if members and leads[story_id] in gone}
    stories.change_leads(connection, heirs, now=now)
    handed_over = [StoryChange("lead_changed", story_id, heir) for story_id, heir in heirs.items()]
    changes.record_stories(connection, handed_over, now=now)
    return handed_over
