"""Signatures, the inverted index, matches, and which article tells which story."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from wiredesk import PIPELINE_VERSION
from wiredesk.dedup.assign import Assignment, Edge, Member, PlannedStory, Rulings
from wiredesk.dedup.templates import Use
from wiredesk.errors import ConfigurationError
from wiredesk.models import Match, Signature, SignatureScheme
from wiredesk.store.database import Connection, advisory_lock, one
from wiredesk.store.queries import load_queries

SQL = load_queries("stories")

# What everybody says is met at every article; 64 of those who say it are enough to see that, and to find the story
# that is really told so often.
_MOST_POSTINGS = 64
# Three partitions in turn: between two and four weeks of postings are there at any time.
_SLOTS = 3
_SLOT_DAYS = 14


@dataclass(frozen=True, slots=True)
class StoredText:
    """An article as matching sees it."""

    article_id: int
    source_id: int
    url_key: str
    title: str
    text: str
    told_at: datetime  # published, or first seen where the publisher does not say
    story_id: int | None
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Concerned:
    """All that assigning some articles may touch: whole stories, their matches and the rulings upon them."""

    members: tuple[Member, ...]
    edges: tuple[Edge, ...]
    rulings: Rulings
    leads: Mapping[int, int]  # story → its lead
    story_of: Mapping[int, int | None]
    parents: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class StoryChange:
    """One line for the log of changes."""

    kind: str
    story_id: int
    article_id: int
    other_story_id: int | None = None


def lock_stories(connection: Connection) -> None:
    """One assignment at a time: without it two workers make two originals of one story."""
    advisory_lock(connection, "assign")


def active_scheme(connection: Connection) -> SignatureScheme:
    """The scheme that new articles are signed under."""
    return schemes(connection)[0]


def schemes(connection: Connection) -> list[SignatureScheme]:
    """The scheme in force, and the one that is prepared to follow it, if any."""
    rows = connection.execute(SQL["select_schemes"]).fetchall()
    if not rows or not rows[0]["is_active"]:
        raise ConfigurationError("no active row in desk.signature_schemes: activate one")
    return [SignatureScheme(**{name: value for name, value in row.items() if name != "is_active"}) for row in rows]


def activate_scheme(connection: Connection, scheme_id: int) -> None:
    """Let a scheme follow the one in force."""
    connection.execute(SQL["activate_scheme"], {"scheme_id": scheme_id})


def drop_signatures(connection: Connection, scheme: SignatureScheme, article_ids: Collection[int]) -> None:
    """Delete the signatures of these articles, of a wording that is no more, and their postings."""
    if article_ids:
        given = {"article_ids": list(article_ids), "scheme_id": scheme.scheme_id}
        connection.execute(SQL["delete_signatures"], given)


def store_signatures(
    connection: Connection, scheme: SignatureScheme, signatures: Mapping[int, Signature | None], *, now: datetime
) -> None:
    """Store the signatures of articles that have none, and their postings; None where the text is too short to sign."""
    rows = [
        {
            "article_id": article_id,
            "minima": signature.values.hex(),
            "shingle_count": signature.shingle_count,
            "band_keys": signature.band_keys,
            "fingerprints": signature.fingerprints,
        }
        for article_id, signature in signatures.items()
        if signature is not None
    ]
    if rows:
        given = {"scheme_id": scheme.scheme_id, "signatures": Jsonb(rows), "slot": posting_slot(now)}
        connection.execute(SQL["insert_signatures"], given)


def unsigned_texts(
    connection: Connection, scheme: SignatureScheme, *, since: datetime, min_words: int, limit: int
) -> dict[int, str]:
    """Recent articles that have no signature under a scheme and should have one, newest first."""
    given = {"scheme_id": scheme.scheme_id, "since": since, "min_words": min_words, "most": limit}
    return {row["article_id"]: row["text"] for row in connection.execute(SQL["select_unsigned"], given)}


def posting_slot(now: datetime) -> int:
    """The partition that is written to at a time."""
    return now.date().toordinal() // _SLOT_DAYS % _SLOTS


def expire_postings(connection: Connection, *, now: datetime) -> bool:
    """Empty the partition that is written to next; whether there was anything in it."""
    slot = (posting_slot(now) + 1) % _SLOTS
    if not one(connection.execute(SQL["expire_postings"], {"slot": slot}))["is_used"]:
        return False
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("desk", f"postings_{slot}")))
    return True


def claim_unassigned(connection: Connection, scheme: SignatureScheme, *, limit: int) -> list[StoredText]:
    """Articles that were not compared yet, oldest first, for this transaction alone."""
    given = {"scheme_id": scheme.scheme_id, "most": limit}
    return [StoredText(**row) for row in connection.execute(SQL["claim_unassigned"], given)]


def claim_revised(connection: Connection, scheme: SignatureScheme, *, limit: int) -> list[StoredText]:
    """Articles whose text changed since they were compared, oldest first, for this transaction alone; they count as
    compared from its end on.
    """
    given = {"scheme_id": scheme.scheme_id, "most": limit}
    claimed = [StoredText(**row) for row in connection.execute(SQL["claim_revised"], given)]
    if claimed:
        connection.execute(SQL["clear_revised"], {"article_ids": [text.article_id for text in claimed]})
    return claimed


def find_uses(connection: Connection, article_ids: Sequence[int], *, scheme: SignatureScheme) -> dict[int, list[Use]]:
    """For each article who else has some of its hashes, most of them first."""
    given = {
        "article_ids": list(article_ids),
        "scheme_id": scheme.scheme_id,
        "most_postings": _MOST_POSTINGS,
    }
    uses: dict[int, list[Use]] = {}
    for row in connection.execute(SQL["select_uses"], given):
        use = Use(row["other_id"], row["source_id"], row["told_on"], row["story_id"], tuple(row["own_hashes"]))
        uses.setdefault(row["article_id"], []).append(use)
    return uses


def read_texts(connection: Connection, article_ids: Collection[int]) -> dict[int, StoredText]:
    """The texts of these articles by id."""
    rows = connection.execute(SQL["select_texts"], {"article_ids": sorted(article_ids)})
    return {row["article_id"]: StoredText(**row) for row in rows}


def store_matches(
    connection: Connection, matches: Iterable[Match], *, scheme: SignatureScheme, run: str, now: datetime
) -> None:
    """Keep verified pairs, and the run that found them; a pair that is known stays as it was."""
    rows = [
        {
            "article_id": match.article_id,
            "other_id": match.other_id,
            "relation": match.relation,
            "similarity": match.similarity.jaccard,
            "containment": match.similarity.containment,
            "number_agreement": match.similarity.number_agreement,
            "title_agreement": match.similarity.title_agreement,
            "opening_agreement": match.similarity.opening_agreement,
            "opening_containment": match.similarity.opening_containment,
            "fresh_containment": match.similarity.fresh_containment,
            "evidence": match.evidence,
            "passages": match.passages,
        }
        for match in matches
    ]
    if rows:
        given = {"matches": Jsonb(rows), "scheme_id": scheme.scheme_id, "run": run, "now": now}
        connection.execute(SQL["insert_matches"], {**given, "pipeline_version": PIPELINE_VERSION})


def read_match(connection: Connection, article_id: int, other_id: int) -> dict[str, Any] | None:
    """The stored match of two articles, if there is one."""
    return connection.execute(SQL["select_match"], {"article_id": article_id, "other_id": other_id}).fetchone()


def read_concerned(connection: Connection, article_ids: Sequence[int]) -> Concerned:
    """Everything that decides which stories these articles belong to. Call it under `lock_stories`."""
    rows = connection.execute(SQL["select_concerned"], {"article_ids": list(article_ids)}).fetchall()
    known = [row["article_id"] for row in rows]
    edges = connection.execute(SQL["select_edges"], {"article_ids": known})
    return Concerned(
        members=tuple(
            Member(
                row["article_id"],
                row["told_at"],
                row["first_seen_at"],
                row["url_key"],
                row["word_count"],
                row["is_preferred"],
            )
            for row in rows
        ),
        edges=tuple(Edge(**row) for row in edges),
        rulings=_rulings_upon(connection, known),
        leads={row["story_id"]: row["lead_article_id"] for row in rows if row["story_id"] is not None},
        story_of={row["article_id"]: row["story_id"] for row in rows},
        parents={row["article_id"]: row["matched_id"] for row in rows},
    )


def store_assignment(
    connection: Connection, before: Concerned, assignment: Assignment, *, now: datetime
) -> list[StoryChange]:
    """Write what differs from `before`, and return it as lines for the log of changes, in order."""
    planned = _with_ids(connection, assignment.stories, now)
    merged = {old: story.story_ids[0] for story in planned for old in story.story_ids[1:]}
    _free_leads(connection, merged, now)
    leads = {
        story.story_ids[0]: story.lead_id
        for story in planned
        if before.leads.get(story.story_ids[0], story.lead_id) != story.lead_id
    }
    change_leads(connection, leads, now=now)
    _place_articles(connection, before, assignment, planned, now)
    return _changes(before, planned, merged, leads)


def read_leads(connection: Connection, story_ids: Sequence[int]) -> dict[int, int | None]:
    """The lead of each of these stories; None where it was merged into another."""
    rows = connection.execute(SQL["select_leads"], {"story_ids": list(story_ids)})
    return {row["story_id"]: row["lead_article_id"] for row in rows}


def change_leads(connection: Connection, leads: Mapping[int, int], *, now: datetime) -> None:
    """Let these articles lead these stories."""
    if leads:
        rows = [{"story_id": story_id, "article_id": lead_id} for story_id, lead_id in leads.items()]
        connection.execute(SQL["change_leads"], {"leads": Jsonb(rows), "now": now})


def _with_ids(connection: Connection, stories: Sequence[PlannedStory], now: datetime) -> list[PlannedStory]:
    new = [story for story in stories if not story.story_ids]
    if not new:
        return list(stories)
    rows = connection.execute(SQL["start_stories"], {"lead_ids": [story.lead_id for story in new], "now": now})
    ids = {row["lead_article_id"]: row["story_id"] for row in rows}
    return [story if story.story_ids else replace(story, story_ids=(ids[story.lead_id],)) for story in stories]


def _free_leads(connection: Connection, merged: Mapping[int, int], now: datetime) -> None:
    if merged:
        rows = [{"story_id": old, "merged_into": kept} for old, kept in merged.items()]
        connection.execute(SQL["free_leads"], {"merged": Jsonb(rows), "now": now})


def _place_articles(
    connection: Connection,
    before: Concerned,
    assignment: Assignment,
    planned: Sequence[PlannedStory],
    now: datetime,
) -> None:
    stood = before.story_of
    rows = [
        {"article_id": article_id, "story_id": story.story_ids[0], "matched_id": assignment.parents.get(article_id)}
        for story in planned
        for article_id in story.article_ids
        if (stood[article_id], before.parents[article_id]) != (story.story_ids[0], assignment.parents.get(article_id))
    ]
    if rows:
        connection.execute(SQL["place_articles"], {"articles": Jsonb(rows), "now": now})
        # A story that was just begun is as new as can be.
        grown = sorted(
            {story.story_ids[0] for story in planned} & before.leads.keys() & {row["story_id"] for row in rows}
        )
        connection.execute(SQL["touch_stories"], {"story_ids": grown, "now": now})


def _changes(
    before: Concerned, planned: Sequence[PlannedStory], merged: Mapping[int, int], leads: Mapping[int, int]
) -> list[StoryChange]:
    stood = before.story_of
    merges, moves = [], []
    for story in planned:
        story_id = story.story_ids[0]
        merges += [StoryChange("stories_merged", story_id, story.lead_id, old) for old in story.story_ids[1:]]
        if story_id not in before.leads:
            moves.append(_beginning(story, stood[story.lead_id]))
        for article_id in story.article_ids:
            old = stood[article_id]
            is_begun = story_id not in before.leads and article_id == story.lead_id
            is_there = old is not None and merged.get(old, old) == story_id
            if not is_begun and not is_there:
                moves.append(StoryChange("copy_added", story_id, article_id))
    return [*merges, *moves, *(StoryChange("lead_changed", *pair) for pair in leads.items())]


def _beginning(story: PlannedStory, was_in: int | None) -> StoryChange:
    if was_in is None:
        return StoryChange("article_added", story.story_ids[0], story.lead_id)
    return StoryChange("story_split", story.story_ids[0], story.lead_id, was_in)


def _rulings_upon(connection: Connection, article_ids: Sequence[int]) -> Rulings:
    found: dict[str, set[int]] = {"pin_lead": set(), "not_news": set()}
    pairs: dict[str, set[tuple[int, int]]] = {"keep_together": set(), "keep_apart": set()}
    for row in connection.execute(SQL["select_rulings_upon"], {"article_ids": list(article_ids)}):
        if row["other_id"] is None:
            found[row["kind"]].add(row["article_id"])
        else:
            pairs[row["kind"]].add((row["article_id"], row["other_id"]))
    return Rulings(
        together=frozenset(pairs["keep_together"]),
        apart=frozenset(pairs["keep_apart"]),
        pinned=frozenset(found["pin_lead"]),
        not_news=frozenset(found["not_news"]),
    )
