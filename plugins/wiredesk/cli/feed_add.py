"""`wiredesk feed add` and `feed discover`: look first, then subscribe."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk.cli.show import open_store, plain, table, warn
from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.models import FeedState, FetchReason, Subscription
from wiredesk.settings import Settings
from wiredesk.store.database import Database

if TYPE_CHECKING:
    from wiredesk.parse.discover import FoundFeed
    from wiredesk.steps.preview import NoFeed, Scout

# What to do, by what went wrong. Where the fetch's own words say it, there is no line here.
_ADVICE = {
    FetchReason.DNS: "check the name, and that this machine reaches the internet",
    FetchReason.CONNECT: "try again later",
    FetchReason.TIMEOUT: "try again later, or raise WIREDESK_FETCH_TIMEOUT_S",
    FetchReason.TLS: "open it in a browser: if the certificate is bad there too, only its publisher can help",
    FetchReason.TOO_LARGE: "raise WIREDESK_FEED_MAX_BYTES if this is meant",
    FetchReason.NOT_FOUND: "check the address, or give that of the site: its feeds are looked for",
    FetchReason.GONE: "its publisher says that it is gone for good",
    FetchReason.RATE_LIMITED: "its server wants to be left alone for now: try again later",
    FetchReason.HOST_PAUSED: "its server asked to be left alone for now: try again later",
    FetchReason.HOST_BUSY: "a run is polling that host: try again in a minute",
    FetchReason.HTTP_CLIENT: "its server refuses programs, or wants a login, which feeds here cannot have",
    FetchReason.HTTP_SERVER: "the fault is its server's: try again later",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the command line said, for every URL of it."""

    options: Subscription
    is_dry_run: bool
    is_asking: bool  # a person is there to answer


def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Address of the feed, or of its site.")],
    title: Annotated[str | None, typer.Option(help="Name to show; otherwise the feed's own.")] = None,
    category: Annotated[str | None, typer.Option(help="Folder; levels separated by a slash.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag; otherwise the feed's own.")] = None,
    full_text: Annotated[bool, typer.Option("--full-text", help="Fetch the article pages too.")] = False,
    unconditional: Annotated[
        bool, typer.Option("--unconditional", help="Never send validators: its server lies about them.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what there is.")] = False,
    no_fetch: Annotated[bool, typer.Option("--no-fetch", help="Subscribe unseen, without asking the server.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before saving.")] = False,
) -> None:
    """Fetch a feed once, show what was found, and subscribe to it. It is polled with the next run.

    The address of a site does too: the feeds that its page names are looked for.
    """
    from wiredesk.subscriptions.listing import category_of

    if title and len(urls) > 1:
        raise typer.BadParameter("one title cannot be that of several feeds", param_hint="--title")
    if no_fetch and dry_run:
        raise typer.BadParameter("there is nothing to show of a feed that is not fetched", param_hint="--dry-run")
    options = Subscription("", title, category_of(category), language, full_text, not unconditional)
    is_asking = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    wish = _Wish(options, dry_run, is_asking)
    settings, database = open_store()
    with database:
        done = [_add_unseen(settings, database, url, wish) for url in urls] if no_fetch else None
        if done is None:
            done = _add_seen(settings, database, urls, wish)
    if not all(done):
        sys.exit(1)


def discover(
    url: Annotated[str, typer.Argument(help="Address of a site or of one of its pages.")],
) -> None:
    """List the feeds of a site: those that the page names, otherwise the first that stands where feeds usually do."""
    from wiredesk.steps.preview import Preview, Scout
    from wiredesk.subscriptions import feed_url

    with Scout(Settings.from_environment()) as scout:
        found = scout.preview(feed_url(url))
        if isinstance(found, Preview):
            print(f"{found.save_as} is a feed itself: {plain(found.parsed.title or 'without a title')}")
            return
        feeds = _feeds_of(scout, found)
    rows = [{"url": feed.url, "title": feed.title, "type": feed.media_type} for feed in feeds]
    print(table(rows, {"url": "feed", "title": "title", "type": "type"}))


def _add_unseen(settings: Settings, database: Database, typed: str, wish: _Wish) -> bool:
    from wiredesk.subscriptions import feed_url

    try:
        url = feed_url(typed)
    except ConfigurationError as error:
        warn(str(error))
        return False
    return not _is_known(database, url) and _save(settings, database, url, wish)


def _add_seen(settings: Settings, database: Database, urls: list[str], wish: _Wish) -> list[bool]:
    from wiredesk.steps.budget import SharedBudget
    from wiredesk.steps.preview import Scout

    done = []
    with Scout(settings, budget=SharedBudget(database, settings)) as scout:
        for typed in urls:
            try:
                done.append(_look_and_save(settings, database, scout, typed, wish))
            except (ConfigurationError, NotFound) as error:
                warn(str(error))
                done.append(False)
    return done


def _look_and_save(settings: Settings, database: Database, scout: Scout, typed: str, wish: _Wish) -> bool:
    from wiredesk.cli.feed_show import described
    from wiredesk.steps.preview import NoFeed
    from wiredesk.subscriptions import feed_url

    url = feed_url(typed)
    if _is_known(database, url):
        return False
    found = scout.preview(url)
    if isinstance(found, NoFeed) and found.is_page:
        chosen = _choose(scout, found, wish)
        if chosen is None or _is_known(database, chosen):
            return False
        found = scout.preview(chosen)
    if isinstance(found, NoFeed):
        warn(f"{_why(found)}. Nothing was saved; --no-fetch subscribes unseen")
        return False
    print(described(found, is_full_text=wish.options.is_full_text))
    if found.save_as != found.url and _is_known(database, found.save_as):
        return False
    if wish.is_dry_run:
        print("nothing was saved (--dry-run)")
        return True
    if wish.is_asking and not typer.confirm(f"Subscribe to {found.save_as}?", default=True):
        print("nothing was saved")
        return True
    return _save(settings, database, found.save_as, wish)


def _choose(scout: Scout, page: NoFeed, wish: _Wish) -> str | None:
    """One feed of the page: the only one, or the one that a person picks."""
    feeds = _feeds_of(scout, page)
    if len(feeds) == 1:
        print(f"{page.url} is a page, and its feed is {plain(feeds[0].url)}")
        return feeds[0].url
    rows = [
        {"number": number, "url": feed.url, "title": feed.title, "type": feed.media_type}
        for number, feed in enumerate(feeds, 1)
    ]
    print(f"{page.url} is a page with {len(feeds)} feeds:")
    print(table(rows, {"number": "", "url": "feed", "title": "title", "type": "type"}))
    if wish.is_asking:
        number = _asked_number(len(feeds))
        return feeds[number - 1].url if number else None
    print("name the one that you want:")
    for feed in feeds:
        print(f"  {_command(feed.url, wish.options)}")
    return None


def _feeds_of(scout: Scout, found: NoFeed) -> tuple[FoundFeed, ...]:
    """The feeds of a page; NotFound where there is no page, or it has none."""
    if not found.is_page:
        raise NotFound(_why(found))
    feeds = scout.feeds_of_page(found)
    if not feeds:
        raise NotFound(
            f"{found.problem}; it names no feed, and there is none where feeds usually stand. Look on the site for "
            "the word RSS, and give that address"
        )
    return feeds


def _asked_number(most: int) -> int:
    while True:
        number: int = typer.prompt("Which one? (0: none)", type=int, default=1)
        if 0 <= number <= most:
            return number


def _is_known(database: Database, url: str) -> bool:
    """Whether a feed has this URL, or had it; says so."""
    from wiredesk.steps.subscribe import find_feed

    known = find_feed(database, url)
    if known is None:
        return False
    moved = "" if known.subscription.url == url else f" under the address that it moved to, {known.subscription.url}"
    state = "" if known.state is FeedState.ACTIVE else f", and {known.state} (wiredesk feed resume {known.feed_id})"
    warn(f"{url} is subscribed already as feed {known.feed_id}{moved}{state}; nothing was saved")
    return True


def _save(settings: Settings, database: Database, url: str, wish: _Wish) -> bool:
    from wiredesk.steps.subscribe import subscribe

    if not subscribe(database, settings, [replace(wish.options, url=url)]):
        warn(f"{url} was subscribed by somebody else meanwhile: see `wiredesk feed list`")
        return False
    print(f"added {url}; it is due now")
    return True


def _why(found: NoFeed) -> str:
    """What is wrong, and what to do."""
    advice = _ADVICE.get(found.result.reason)
    return f"{found.problem}; {advice}" if advice else found.problem


def _command(url: str, options: Subscription) -> str:
    words = ["wiredesk", "feed", "add", url]
    for name, value in (("--category", options.category), ("--language", options.language), ("--title", options.title)):
        words += [name, value] if value else []
    words += ["--full-text"] if options.is_full_text else []
    words += [] if options.is_conditional else ["--unconditional"]
    return shlex.join(words)
