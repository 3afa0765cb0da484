"""When a feed is polled next, and why, in one paragraph. Pure: facts in, sentences out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from wiredesk.models import FeedAlarm, FeedState, FetchOutcome
from wiredesk.schedule import MOVE_POLLS, MOVE_SPAN, expected, in_words

# Polled a while after it was due is usual: runs start every five minutes. After this nobody polls.
_OVERDUE = timedelta(minutes=30)

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

# What was odd, and what a person does about it.
_ADVICE = {
    FeedAlarm.GAP: (
        "every item was new",
        "others were probably dropped between two polls; unless it was once after a break, see why it waits so long",
    ),
    FeedAlarm.VOLUME_DROP: (
        "it showed less than a third of its usual items",
        "look at the feed itself: a part of it may be broken",
    ),
    FeedAlarm.GUID_CHURN: (
        "known items came under new ids",
        "they were recognised; tell the publisher, whose other readers see them twice",
    ),
    FeedAlarm.FUTURE_DATES: (
        "items were dated more than a day ahead",
        "do not order by published_at alone; use first_seen_at",
    ),
    FeedAlarm.MISSING_DATES: ("most new items had no date", "order by first_seen_at"),
    FeedAlarm.STALE_VALIDATORS: (
        "new items came under the validators of old ones",
        "if it happens again, stop sending validators: `wiredesk feed set {url} --no-conditional`",
    ),
}


def explain_feed(facts: Mapping[str, Any], *, now: datetime) -> str:
    """One paragraph in plain English from the facts that `store.feeds.feed_facts` gives."""
    sentences = [
        _what(facts),
        _last(facts, now),
        _next(facts, now),
        _pause(facts, now),
        _wishes(facts),
        _week(facts),
        *_alarms(facts, now),
        _quarantine(facts),
        _move(facts),
        _validators(facts),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _what(facts: Mapping[str, Any]) -> str:
    name = f"“{facts['title']}” " if facts["title"] else ""
    told = f"Feed {facts['feed_id']} {name}of {facts['source']} <{facts['url']}>"
    if facts["news_per_day"] is None:
        return f"{told} has a first interval of {in_words(facts['interval_s'])}, until its rhythm is known."
    window = f"; it shows {facts['item_count']} at a time" if facts["item_count"] is not None else ""
    rate = expected(facts["news_per_day"])
    return f"{told} is worth a look every {in_words(facts['interval_s'])}, for its new entries ({rate}{window})."


def _last(facts: Mapping[str, Any], now: datetime) -> str:
    if facts["last_fetch_at"] is None:
        return "It was never polled."
    began = f"It was polled last at {_moment(facts['last_fetch_at'])} ({_ago(facts['last_fetch_at'], now)})"
    status = f" (HTTP {facts['last_http_status']})" if facts["last_http_status"] else ""
    reason = str(facts["last_reason"]).replace("_", " ")
    detail = f", {facts['last_detail']}" if facts["last_detail"] else ""
    if facts["last_quarantine_reason"]:
        reason = str(facts["last_quarantine_reason"]).replace("_", " ")
        return f"{began}: what came was quarantined ({reason}).{_failures(facts)}"
    if facts["last_outcome"] == FetchOutcome.FAILED:
        return f"{began}, which failed: {reason}{status}{detail}.{_failures(facts)}"
    if facts["last_outcome"] == FetchOutcome.UNCHANGED:
        return f"{began}, and was unchanged{status}."
    if facts["last_outcome"] is None:
        return f"{began}; that attempt is no longer on record."
    if facts["last_entry_count"] is None:
        return f"{began}; what came is not loaded yet."
    return f"{began} and had {facts['last_entry_count']} items, {facts['last_new_entry_count']} of them new."


def _failures(facts: Mapping[str, Any]) -> str:
    count = facts["failure_count"]
    if not count:
        return ""
    # Not last_success_at, which counts bytes that turned out to be no feed.
    since = f", since it went well at {_moment(facts['judged_at'])}" if facts["judged_at"] else ""
    return f" That is {count} failure{'s in a row' if count > 1 else ''}{since}."


def _next(facts: Mapping[str, Any], now: datetime) -> str:
    if facts["state"] == FeedState.PAUSED:
        return f"It is not polled, because a person paused it: `wiredesk feed resume {facts['url']}`."
    if facts["state"] == FeedState.RETIRED:
        return (
            "It is not polled any more, because its publisher said twice that it is gone (HTTP 410): find its new "
            f"address, or ask once more with `wiredesk feed resume {facts['url']}`."
        )
    if facts["claim_key"] is not None and facts["claim_expires_at"] > now:
        return (
            f"The run {facts['claim_key']} is about to poll it, or is at it; should that run be dead, the feed is free "
            f"again at {_moment(facts['claim_expires_at'])}."
        )
    due, why = facts["next_fetch_at"], _quoted(facts["next_fetch_reason"])
    if due > now:
        return f"The next fetch is due at {_moment(due)} (in {in_words((due - now).total_seconds())}); why: {why}"
    late = f"It has been due since {_moment(due)} ({_ago(due, now)}), and the next run polls it; why then: {why}"
    if now - due > _OVERDUE:
        late += " Runs start every five minutes, so nobody polls now: see docs/runbooks/feeds_not_polled.md."
    return late


def _pause(facts: Mapping[str, Any], now: datetime) -> str:
    until = facts["host_paused_until"]
    if until is None or until <= now or facts["state"] != FeedState.ACTIVE:
        return ""
    return f"Its host wants to be left alone until {_moment(until)} ({facts['host_paused_reason']}): not before then."


def _wishes(facts: Mapping[str, Any]) -> str:
    wishes = []
    if facts["floor_s"]:
        wishes.append(f"at most one poll in {in_words(facts['floor_s'])} (ttl or sy:updatePeriod)")
    if facts["skip_hours"]:
        wishes.append(f"none in the hours {', '.join(map(str, sorted(facts['skip_hours'])))} of UTC (skipHours)")
    if facts["skip_days"]:
        wishes.append(f"none on {', '.join(_DAYS[day] for day in sorted(facts['skip_days']))} of UTC (skipDays)")
    return f"The feed asks for {' and '.join(wishes)}." if wishes else ""


def _week(facts: Mapping[str, Any]) -> str:
    if not facts["week_polls"]:
        return ""
    polls, new = facts["week_polls"], facts["week_new_entries"]
    fetched, unchanged, failed = facts["week_fetched"], facts["week_unchanged"], facts["week_failed"]
    ended = f"{fetched} with other bytes, {unchanged} unchanged, and {failed} failed"
    return f"In the last seven days: {polls} polls, {ended}; new entries: {new}."


def _alarms(facts: Mapping[str, Any], now: datetime) -> list[str]:
    sentences = []
    for row in facts["alarms"]:
        what, advice = _ADVICE[FeedAlarm(row["alarm"])]
        times = "once" if row["times"] == 1 else f"{row['times']} times"
        when = f"{times} in the last 30 days, last {_ago(row['last_at'], now)}"
        sentences.append(f"Odd ({row['alarm']}, {when}): {what}; {advice.format(url=facts['url'])}.")
    return sentences


def _quarantine(facts: Mapping[str, Any]) -> str:
    count = facts["quarantined"]
    if not count:
        return ""
    return f"{count} of its payloads or entries {'are' if count > 1 else 'is'} in quarantine: see `wiredesk status`."


def _move(facts: Mapping[str, Any]) -> str:
    if facts["moved_to"] is None:
        return ""
    count = facts["moved_count"]
    return (
        f"Permanent redirects have led to {facts['moved_to']} since {_moment(facts['moved_since'])} "
        f"({count} poll{'s' if count > 1 else ''}): that address becomes the feed's own after {MOVE_POLLS} polls in a "
        f"row over at least {in_words(MOVE_SPAN.total_seconds())}."
    )


def _validators(facts: Mapping[str, Any]) -> str:
    names = [name for name, value in (("ETag", facts["etag"]), ("Last-Modified", facts["last_modified"])) if value]
    if not facts["is_conditional"]:
        return "It is asked without validators, as a person decided, so every poll costs a whole answer."
    if names:
        return f"It is asked only for what has changed, with its {' and '.join(names)}."
    return "Its server sends no validators, so every poll costs a whole answer." if facts["last_success_at"] else ""


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{in_words(max((now - moment).total_seconds(), 0))} ago"


def _quoted(reason: str) -> str:
    """The planner's own sentence, ended as one."""
    return reason if reason.endswith(".") else f"{reason}."
