"""A person's rules for a source hold for what is cleaned next, and `wiredesk clean --explain` shows what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner
from wiredesk.cli import app

from tests.store.desk import Desk, item, page, prose, rss

RULES = "keep: main\nstrip:\n  - .promo\n"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_rules_for_a_source_change_its_pages_from_then_on(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREDESK_DSN", desk.dsn)
    desk.subscribe("/feed", full_text=True)
    promo = b"<p class='promo'>" + prose("promo", 30).encode() + b"</p></article>"
    for name in ("1", "2"):
        body = page("A report", prose(name, 200)).replace(b"</article>", promo)
        desk.site.put(f"/{name}", body, content_type="text/html; charset=utf-8")
    desk.site.put("/feed", rss(item("1", "A teaser.", link=f"{desk.site.url}/1")))
    desk.poll()
    source = str(desk.value("SELECT host FROM news_v1.sources"))
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    assert "set" in run("override", source, str(rules), "--why", "a shop stands in the text")
    assert "a shop stands" in run("override")
    desk.site.put("/feed", rss(item("2", "A teaser.", link=f"{desk.site.url}/2")))
    desk.poll()
    texts = {row["url"][-1]: row["text"] for row in desk.rows("SELECT url, text FROM desk.articles")}
    assert prose("promo", 30) in texts["1"].replace("\n\n", " ")
    assert texts["2"].replace("\n\n", " ") == prose("2", 200)
    run("override", source, "--drop")
    assert run("override").startswith("no source")


def test_explain_shows_what_each_step_did(tmp_path: Path) -> None:
    html = page("A report", prose("x", 200)).replace(
        b"</article>", b"<p>Read more</p><h2>Related articles</h2><p>Another headline</p></article>"
    )
    file = tmp_path / "page.html"
    file.write_bytes(html)
    told = run("clean", str(file), "--url", "https://paper.example/a", "--explain")
    assert "title         A report  (shown)" in told
    assert "  - Related articles" in told
    assert told.rstrip().endswith(prose("x", 200).rsplit(". ", 1)[-1])
    fragment = tmp_path / "fragment.html"
    fragment.write_text("<p>One.</p><img src='/p.gif' width=1>")
    assert "removed: 1 beacon" in run("clean", str(fragment), "--kind", "fragment", "--explain")
    assert run("clean", str(fragment), "--kind", "fragment").strip() == "One."
