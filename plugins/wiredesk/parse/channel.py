"""The feed's own fields, from what feedparser found outside of the items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wiredesk.errors import PayloadError
from wiredesk.models import Entry, ParsedFeed, PayloadReason, RejectedEntry
from wiredesk.parse.assemble import assemble
from wiredesk.parse.document import Document
from wiredesk.parse.fields import Fields, dicts, polling_hints, read_title
from wiredesk.parse.links import absolute, own_link


@dataclass(frozen=True, slots=True)
class Channel:
    """What all entries of a document have in common."""

    kind: str
    feed: Fields
    link: str | None
    base: str | None  # what relative links in it are relative to


def read_channel(document: Document, version: str, feed: Fields, *, where: str, url: str | None) -> Channel:
    """The channel of a document that feedparser read. Raises PayloadError(not_a_feed)."""
    kind = "rss091n" if document.is_netscape else version or ("cdf" if document.root == "channel" else "")
    if not kind:
        raise PayloadError(PayloadReason.NOT_A_FEED, f"{where} is XML, but no feed: its root is <{document.root}>")
    link = absolute(own_link(dicts(feed, "links")) or dict.get(feed, "link"), url)
    return Channel(kind, feed, link, url or (link if link and link.startswith("http") else None))


def assemble_channel(
    channel: Channel,
    *,
    frame: str,
    entries: Sequence[Entry],
    rejected: Sequence[RejectedEntry],
    warnings: Iterable[str | None],
) -> ParsedFeed:
    """The parsed feed; `frame` is the text of the document around its items."""
    return assemble(
        kind=channel.kind,
        title=read_title(channel.feed, channel.base if channel.kind.startswith("atom") else None),
        link=channel.link,
        language=dict.get(channel.feed, "language"),
        entries=entries,
        rejected=rejected,
        warnings=warnings,
        hints=polling_hints(channel.feed, frame),
    )
