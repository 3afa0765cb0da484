"""The nouns of wiredesk as frozen values: what the steps hand to each other.

They hold no connection and do nothing. Times are aware datetimes (a page's in its own zone, all others in UTC),
digests are SHA-256 (32 bytes), durations carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FeedState(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    PAUSED = "paused"  # a person stopped it; resumes as it was
    RETIRED = "retired"  # the publisher said that it is gone for good (HTTP 410)


class FetchKind(StrEnum):
    """What was asked for: a feed, the page of one of its entries, or the robots.txt that such a page needs."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"


class FetchOutcome(StrEnum):
    """How one attempt at a URL ended."""

    FETCHED = "fetched"  # bytes that we did not have
    UNCHANGED = "unchanged"  # 304, or the very bytes that we had
    FAILED = "failed"  # no usable bytes; `reason` says why
    DEFERRED = "deferred"  # not asked at all, because its host wants to be left alone: no attempt, so no row


class FetchReason(StrEnum):
    """Why a fetch ended as it did. One fixed list, also a CHECK in the database."""

    NEW_BYTES = "new_bytes"
    NOT_MODIFIED = "not_modified"  # HTTP 304
    SAME_BYTES = "same_bytes"  # HTTP 200 with the digest that we hold
    BAD_URL = "bad_url"
    BLOCKED_ADDRESS = "blocked_address"  # a non-public address that no setting allows
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"  # Content-Encoding that could not be undone
    REDIRECTS = "redirects"  # too many, or a loop
    NOT_FOUND = "not_found"  # HTTP 404
    GONE = "gone"  # HTTP 410
    RATE_LIMITED = "rate_limited"  # HTTP 429
    HTTP_CLIENT = "http_client"  # other HTTP 4xx
    HTTP_SERVER = "http_server"  # HTTP 5xx
    PROTOCOL = "protocol"  # the peer did not speak HTTP
    ROBOTS_DENIED = "robots_denied"  # robots.txt forbids the page, or could not be had; the page was not asked for
    HOST_PAUSED = "host_paused"  # the host sent Retry-After to another request; only with outcome `deferred`
    HOST_BUSY = "host_busy"  # too many others wait for the same host; only with outcome `deferred`


class PayloadReason(StrEnum):
    """Why a whole payload was quarantined."""

    EMPTY = "empty"
    HTML_NOT_FEED = "html_not_feed"  # a CDN's error page, a login, a cookie wall
    NOT_A_FEED = "not_a_feed"
    MALFORMED = "malformed"  # a feed so broken that no entry could be read
    PARSER_FAILED = "parser_failed"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_DEEP = "too_deep"  # elements nested beyond any document that a person wrote
    TOO_COSTLY = "too_costly"  # reading it took more processor time or memory than one payload may


class EntryReason(StrEnum):
    """Why one entry was quarantined."""

    NO_IDENTITY = "no_identity"  # neither id nor link, nor anything said to tell it by
    EMPTY = "empty"  # neither title nor text
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    PARSER_FAILED = "parser_failed"
    CLEAN_FAILED = "clean_failed"
    TOO_COSTLY = "too_costly"  # cleaning it took more processor time or memory than one entry may


class Relation(StrEnum):
    """How the later article of a match stands to the earlier one."""

    DUPLICATE = "duplicate"  # the same text
    EXCERPT = "excerpt"  # a cut of it
    VERSION = "version"  # the same text, corrected or updated
    EXTENDED = "extended"  # it, and more


class FeedAlarm(StrEnum):
    """What was odd about a payload that was read. A fact on its fetch, for a person; nothing is held back for it."""

    GAP = "gap"  # every item was new: others were probably published and dropped between two polls
    VOLUME_DROP = "volume_drop"  # far fewer items than this feed usually has
    GUID_CHURN = "guid_churn"  # known items came under new ids
    FUTURE_DATES = "future_dates"
    MISSING_DATES = "missing_dates"  # most items without any date
    STALE_VALIDATORS = "stale_validators"  # other items under the very validators that would have brought a 304


@dataclass(frozen=True, slots=True)
class PollingHints:
    """How often a feed itself says that it is worth polling."""

    floor_s: int | None = None  # the longest of RSS <ttl> and sy:updatePeriod / sy:updateFrequency
    skip_hours: tuple[int, ...] = ()  # RSS <skipHours>: 0 to 23, UTC
    skip_days: tuple[int, ...] = ()  # RSS <skipDays>: 0 (Monday) to 6, UTC


@dataclass(frozen=True, slots=True)
class Feed:
    """One syndicated URL with what is needed to poll it."""

    feed_id: int
    url: str
    title: str | None = None
    state: FeedState = FeedState.ACTIVE
    is_full_text: bool = False  # fetch the article pages too
    language: str | None = None  # BCP 47, as the feed or a person declared it
    etag: str | None = None  # sent back as it came
    last_modified: str | None = None
    payload_digest: bytes | None = None  # of the last payload that was loaded
    interval_s: int = 3600
    failure_count: int = 0  # consecutive
    last_reason: FetchReason | None = None  # how the latest attempt ended
    hints: PollingHints = PollingHints()  # of the last payload that was loaded
    is_conditional: bool = True  # False: a person found that its server lies about validators
    moved_to: str | None = None  # where permanent redirects have led, without a break, since `moved_since`
    moved_since: datetime | None = None
    moved_count: int = 0  # how many polls in a row
    news_per_day: float | None = None  # estimate of its new entries a day; None until two polls were read
    judged_at: datetime | None = None  # start of the last poll whose content is known; the estimate counts from it
    item_count: int | None = None  # items in the last payload that was loaded: what its window holds


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a person, or an OPML file, says of a feed."""

    url: str
    title: str | None = None
    category: str | None = None  # levels separated by a slash
    language: str | None = None  # BCP 47
    is_full_text: bool = False
    is_conditional: bool = True
    is_matched: bool = True  # False: its articles are not compared, and each is a story of its own


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it is stored."""

    feed_id: int
    subscription: Subscription
    state: FeedState


@dataclass(frozen=True, slots=True)
class Plan:
    """When a feed is polled next, and why."""

    next_fetch_at: datetime
    interval_s: int
    failure_count: int  # consecutive
    state: FeedState
    reason: str  # one sentence
    news_per_day: float | None = None  # these three: as the feed has them, or anew
    judged_at: datetime | None = None
    item_count: int | None = None


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One URL to fetch, with the validators to send."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What one attempt at a URL brought; never an exception, so that a batch goes on."""

    url: str
    outcome: FetchOutcome
    reason: FetchReason
    started_at: datetime
    duration_ms: int
    final_url: str | None = None
    http_status: int | None = None
    body: bytes | None = None  # decoded; present exactly when outcome is `fetched`
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: int | None = None
    max_age_s: int | None = None  # Cache-Control: how long the server says that polling is pointless
    detail: str | None = None  # for a person: what went wrong
    is_conditional: bool = False  # validators were sent
    body_bytes: int | None = None  # decoded size of what was read, also where it is not kept
    moved_to: str | None = None  # where it was found, if every redirect on the way was permanent (301, 308)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that an entry points to."""

    url: str
    media_type: str | None = None
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the feed said it. Identity: (feed, key)."""

    key: str
    digest: bytes  # of what the item says (all below but item_digest), so that an unchanged entry is recognised
    url: str | None = None
    title: str | None = None  # markup possible
    html: str | None = None  # the fullest body that the item carries
    summary: str | None = None  # markup possible
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    item_digest: bytes | None = None  # of the item's source in its frame; None where it stands not for itself alone


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An item that could not be read, kept whole."""

    reason: EntryReason
    detail: str
    raw: bytes
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What one payload said. `kind` is the format, such as `rss20`, `atom10`, `json11`."""

    kind: str
    title: str | None
    link: str | None
    language: str | None
    entries: tuple[Entry, ...]  # those that were read: all, or all whose item digest was not known
    rejected: tuple[RejectedEntry, ...] = ()
    seen_keys: tuple[str, ...] = ()  # entries that were not read again, because their item digest was known
    hints: PollingHints = PollingHints()
    warning: str | None = None  # not well-formed, but read


@dataclass(frozen=True, slots=True)
class CleanArticle:
    """The normalized text of one URL."""

    title: str
    text: str  # paragraphs separated by one blank line
    html: str  # safe: passed the sanitizer last
    url: str | None  # absolute, as one may visit it
    url_key: str | None  # canonical form for comparison; never shown
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    summary: str | None = None  # plain text
    lead_image: str | None = None
    canonical_url: str | None = None  # what the page names as its own address
    flags: tuple[str, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)  # what was cut, by kind of residue
    section: str | None = None  # where the page puts itself
    tags: tuple[str, ...] = ()
    access: str | None = None  # free or paywalled; None: not said
    said_by: Mapping[str, str] = field(default_factory=dict)  # field → feed, json-ld, meta, shown or guessed
    edge_lines: tuple[str, ...] = ()  # short lines at its ends: where many stories of a source have one, it is residue


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """All that decides a signature's values. Two signatures compare only under one scheme."""

    scheme_id: int
    normaliser: str
    shingle_words: int
    permutations: int
    seed: int
    hash_scheme: str
    bands: int
    window: int  # shingles a fingerprint is the smallest of


@dataclass(frozen=True, slots=True)
class Signature:
    """MinHash of a whole text under one scheme, and the hashes under which it is found."""

    values: bytes  # permutations × uint32, little-endian
    shingle_count: int  # distinct shingles of the text
    band_keys: tuple[int, ...]  # one signed 32-bit key a band: finds whole texts
    fingerprints: tuple[int, ...]  # signed 32-bit minima of windows: find cuts, excerpts and extended copies


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text's length and its signature."""

    word_count: int
    signature: Signature | None  # None where it is too short to sign


@dataclass(frozen=True, slots=True)
class Similarity:
    """How two texts compare, exactly, over their sets of shingles."""

    jaccard: float
    containment: float  # of the smaller in the larger
    number_agreement: float  # share of the smaller's numbers that the larger has; 1 where there are none
    title_agreement: float  # Jaccard of the titles' words
    opening_agreement: float  # share of each text's first 50 words that the other has, the lesser of the two
    opening_containment: float  # the greater of the two
    fresh_containment: float  # share of the smaller's fingerprints that the larger has and other stories have not


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair: `article_id` repeats `other_id`, which came first."""

    article_id: int
    other_id: int
    relation: Relation
    similarity: Similarity
    passages: tuple[str, ...]  # longest runs of words that both share, longest first
    evidence: str  # which kind of evidence made it: dedup.rule


@dataclass(frozen=True, slots=True)
class Batch:
    """Feeds to poll in one mapped task, under one claim."""

    claim_key: str
    feed_ids: tuple[int, ...]
    fetch_ids: tuple[int, ...] = ()  # captured by a run that died before it loaded them


@dataclass(frozen=True, slots=True)
class StoredPage:
    """The article page of an entry, as it was captured."""

    url: str  # after redirects
    body: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """What one or several entries of a payload become: an article with its identity, ready to be stored."""

    entry_keys: tuple[str, ...]  # the first is the entry whose wording it has
    url_key: str
    article: CleanArticle
    text_digest: bytes  # SHA-256 of title, a line feed, and text
    word_count: int
    signature: Signature | None  # None: too short to compare


@dataclass(frozen=True, slots=True)
class PreparedPayload:
    """All that a payload holds, worked out before the transaction that stores it."""

    parsed: ParsedFeed
    changed: tuple[Entry, ...]  # new, or in a new wording
    unchanged: tuple[Entry, ...]
    missing_pages: frozenset[str]  # keys of entries whose page was wanted and is not there
    new_entry_count: int  # keys never seen before
    articles: tuple[PreparedArticle, ...]
    rejected: tuple[RejectedEntry, ...]
    aliases: Mapping[str, tuple[bytes, ...]]  # of each entry that was read, by key: by what else it is recognised
