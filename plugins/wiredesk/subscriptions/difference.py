"""What a listing of subscriptions would change in those that are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wiredesk.models import FeedState, Subscribed, Subscription
from wiredesk.subscriptions.listing import Listed, category_of


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a feed: its name in the file, what is stored, what is listed."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """A feed that is listed otherwise than it is stored; `wanted` is all of it as it shall be."""

    feed_id: int
    wanted: Subscription
    state: FeedState
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A line that names a feed by an address that it has left."""

    line: int
    url: str
    moved_to: str
    same_as_line: int | None  # the line that lists the feed by its present address; this one says nothing then


@dataclass(frozen=True, slots=True)
class Difference:
    """A listing against what is stored, each feed in one of these places, in the order of the file or of ids."""

    added: tuple[Listed, ...]
    changed: tuple[Change, ...]
    unchanged: tuple[Subscribed, ...]
    gone: tuple[Subscribed, ...]  # not in the file
    moved: tuple[MovedLine, ...]  # besides: the feeds themselves are changed or unchanged

    @property
    def retired(self) -> tuple[Subscribed, ...]:
        """Listed to be polled, but their publishers said that they are gone: no file brings that back."""
        return tuple(one for one in self.unchanged if one.state is FeedState.RETIRED)

    @property
    def polled_and_gone(self) -> tuple[Subscribed, ...]:
        """Feeds that are polled though the file does not list them."""
        return tuple(one for one in self.gone if one.state is FeedState.ACTIVE)


def find_difference(listed: Sequence[Listed], stored: Iterable[Subscribed], moves: Mapping[str, int]) -> Difference:
    """Compare. `moves` maps addresses that feeds have left to the feeds' ids.

    A title or language that the file does not give is the feed's own and no difference. A feed that retired by
    itself stays so where the file lists it as active, and becomes paused where the file says so.
    """
    by_id = {one.feed_id: one for one in stored}
    by_url = {one.subscription.url: one for one in by_id.values()}
    lines = {one.subscription.url: one.line for one in listed}
    added: list[Listed] = []
    changed: list[Change] = []
    moved: list[MovedLine] = []
    unchanged: list[Subscribed] = []
    met: dict[int, int] = {}
    for one in listed:
        url = one.subscription.url
        known = by_url.get(url) or by_id.get(moves.get(url, 0))
        if known is None:
            added.append(one)
            continue
        present = known.subscription.url
        if present != url:
            same = lines.get(present) or met.get(known.feed_id)
            moved.append(MovedLine(one.line, url, present, same))
            if same is not None:
                continue
        met[known.feed_id] = one.line
        change = _change(one, known)
        if change is None:
            unchanged.append(known)
        else:
            changed.append(change)
    gone = tuple(one for one in by_id.values() if one.feed_id not in met)
    return Difference(tuple(added), tuple(changed), tuple(unchanged), gone, tuple(moved))


def change_options(old: Subscription, new: Subscription) -> tuple[FieldChange, ...]:
    """The fields in which two descriptions of one feed differ, as the file names them."""
    fields = (
        ("title", old.title, new.title),
        ("category", old.category, new.category),
        ("language", old.language, new.language),
        ("full_text", old.is_full_text, new.is_full_text),
        ("conditional", old.is_conditional, new.is_conditional),
        ("match", old.is_matched, new.is_matched),
    )
    return tuple(FieldChange(name, _told(a), _told(b)) for name, a, b in fields if a != b)


def _change(one: Listed, known: Subscribed) -> Change | None:
    said, has = one.subscription, known.subscription
    wanted = Subscription(
        url=has.url,
        title=_listed_or_stored(said.title, has.title),
        category=has.category if category_of(has.category) == said.category else said.category,
        language=_listed_or_stored(said.language, has.language),
        is_full_text=said.is_full_text,
        is_conditional=said.is_conditional,
        is_matched=said.is_matched,
    )
    fields = change_options(has, wanted)
    state = known.state
    if one.state is not known.state and not (one.state is FeedState.ACTIVE and known.state is FeedState.RETIRED):
        state = one.state
        fields += (FieldChange("state", known.state.value, state.value),)
    return Change(known.feed_id, wanted, state, fields) if fields else None


def _listed_or_stored(listed: str | None, stored: str | None) -> str | None:
    """What is stored, where the file gives nothing or the same but for spaces around it."""
    return stored if listed is None or (stored is not None and stored.strip() == listed) else listed


def _told(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or "none"
