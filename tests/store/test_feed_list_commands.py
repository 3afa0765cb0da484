"""`wiredesk feed apply`, `export`, `set` and `history`: the list of subscriptions as a person keeps it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from wiredesk.subscriptions import read_opml

from tests.store.desk import Desk
from tests.store.feed_commands import Command, lively, urls

FILE = """\
version: 1
feeds:
  - url: https://a.example/rss
    title: A
  - url: https://b.example/rss
    full_text: true
"""


def test_apply_shows_each_difference_and_a_dry_run_changes_nothing(desk: Desk, feed: Command, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FILE)
    assert (
        feed("apply", file).out == "+ https://a.example/rss\n+ https://b.example/rss\n2 added, 0 changed, 0 unchanged\n"
    )
    file.write_text(FILE.replace("title: A", "title: Ä\n    state: paused").replace("//b.", "//c."))
    changes = [
        "+ https://c.example/rss",
        "~ https://a.example/rss",
        "    title: A → Ä",
        "    state: active → paused",
        "- https://b.example/rss: not in the file, left alone",
    ]
    before = desk.versions()
    run = feed("apply", "--dry-run", file)
    assert run.code == 0
    assert run.out.splitlines() == [
        *changes,
        "dry run, nothing was changed: 1 added, 1 changed, 0 unchanged, 1 left alone (--prune pauses them)",
    ]
    assert desk.versions() == before
    pruned = feed("apply", "--prune", file).out.splitlines()
    assert pruned[-2:] == [
        "- https://b.example/rss: not in the file, paused",
        "1 added, 1 changed, 0 unchanged, 1 paused",
    ]
    assert feed("apply", "--prune", file).out == (
        "0 added, 0 changed, 2 unchanged; 1 more are not in the file and not polled\n"
    )


def test_bad_file_is_refused_whole_with_every_line_named(desk: Desk, feed: Command, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FILE + "  - url: ftp://c.example\n  - url: https://a.example/rss\n    colour: red\n")
    run = feed("apply", file)
    assert (run.code, urls(desk)) == (1, [])
    known = "url, title, category, language, state, full_text, conditional, match"
    assert run.err.splitlines() == [
        f"{file}: line 7: 'ftp://c.example' is no http(s) URL",
        f"{file}: line 9: unknown key 'colour'; known are {known}",
        f"wiredesk: {file} cannot be applied; nothing was changed",
    ]
    missing = feed("apply", tmp_path / "none.yaml")
    assert missing.code == 1
    assert "none.yaml" in missing.err


def test_apply_tells_of_a_feed_that_moved_with_the_line_to_change(desk: Desk, feed: Command, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FILE)
    feed("apply", file)
    desk.sql.execute(
        "INSERT INTO desk.feed_moves (old_url, feed_id, new_url, moved_at) "
        "SELECT url, feed_id, 'https://new.example/rss', now() FROM desk.feeds WHERE url LIKE '%//a.%'"
    )
    desk.sql.execute("UPDATE desk.feeds SET url = 'https://new.example/rss' WHERE url LIKE '%//a.%'")
    run = feed("apply", file)
    assert run.out.splitlines() == [
        "! line 3: https://a.example/rss moved to https://new.example/rss; write `url: https://new.example/rss` there",
        "0 added, 0 changed, 2 unchanged",
    ]
    assert "under the address that it moved to" in feed("add", "https://a.example/rss").err


def test_export_as_yaml_applied_again_changes_nothing(desk: Desk, feed: Command, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FILE)
    feed("apply", file)
    feed("pause", "https://b.example/rss")
    exported = feed("export", "--yaml").out
    assert yaml.safe_load(exported)["feeds"][1] == {
        "url": "https://b.example/rss",
        "full_text": True,
        "state": "paused",
    }
    file.write_text(exported)
    assert feed("apply", file).out == "0 added, 0 changed, 2 unchanged\n"
    assert feed("export", "--yaml").out == exported


def test_export_as_opml_keeps_what_was_said_of_each_feed(desk: Desk, feed: Command) -> None:
    feed("add", "https://a.example/rss", "--no-fetch", "--unconditional", "--category", "A/B", "--title", "A & B")
    (one,) = read_opml(feed("export").out.encode())
    assert (one.is_conditional, one.category, one.title) == (False, "A/B", "A & B")


def test_set_prints_what_changed(desk: Desk, feed: Command) -> None:
    feed("add", "https://a.example/rss", "--no-fetch", "--title", "A")
    run = feed(
        "set",
        "https://a.example/rss",
        "--full-text",
        "--no-conditional",
        "--no-match",
        "--title",
        "",
        "--category",
        "World",
    )
    assert run.out.splitlines() == [
        "https://a.example/rss",
        "  title: A → none",
        "  category: none → World",
        "  full_text: false → true",
        "  conditional: true → false",
        "  match: true → false",
    ]
    assert feed("set", "https://a.example/rss", "--full-text").out == "https://a.example/rss: was so already\n"
    assert "nothing to set" in feed("set", "https://a.example/rss").err
    assert "no feed https://none.example/" in feed("set", "https://none.example/", "--full-text").err


def test_history_tells_each_attempt(desk: Desk, feed: Command) -> None:
    url = desk.site.put("/rss", lively())
    desk.subscribe("/rss")
    assert "never polled" in feed("history", url).out
    desk.poll()
    desk.site.put("/rss", status=503)
    desk.poll()
    out = feed("history", url).out.splitlines()
    assert out[0] == f"{url} (active)"
    assert out[2].split()[4:7] == ["503", "failed", "http_server"]
    assert "20/20" in out[3]
    assert "503" in out[4]
    lines = [json.loads(line) for line in feed("history", url, "--json", "--limit", "1").out.splitlines()]
    assert [(line["outcome"], line["reason"], line["http_status"]) for line in lines] == [
        ("failed", "http_server", 503)
    ]
    assert "no feed nothing" in feed("history", "nothing").err
