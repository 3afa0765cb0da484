"""What could not be processed can be seen, tried again, set aside and kept as a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from wiredesk.errors import ConfigurationError, NotFound
from wiredesk.steps.quarantine import drop_quarantine, retry_quarantine

from tests.store.desk import HTML, Desk, item, prose, rss
from tests.store.test_costly_cleaning import COSTLY


@pytest.fixture
def poisoned(desk: Desk) -> Desk:
    """One entry that took too much to clean, and one payload that is no feed."""
    desk.settings = replace(desk.settings, clean_cpu_s=0.2)
    desk.subscribe("/feed", "/html")
    desk.site.put("/feed", rss(item("1", prose("one")), item("2", COSTLY)))
    desk.site.put("/html", HTML, content_type="text/html")
    desk.poll()
    desk.settle()
    assert desk.value("SELECT count(*) FROM desk.quarantine") == 2
    return desk


def wiredesk(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"WIREDESK_DSN": desk.dsn, "PATH": os.defpath, "COLUMNS": "200", "WIREDESK_CLEAN_CPU_S": "30"}
    command = [sys.executable, "-m", "wiredesk", "quarantine", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, timeout=60)


def id_of(desk: Desk, kind: str) -> int:
    return int(desk.value("SELECT quarantine_id FROM desk.quarantine WHERE kind = %s", kind))


def test_what_this_release_can_process_is_loaded_and_leaves_the_quarantine(poisoned: Desk) -> None:
    settings = replace(poisoned.settings, clean_cpu_s=30.0)
    done = retry_quarantine(poisoned.store, settings, by="ann", clock=poisoned.clock)
    by_id = {one.quarantine_id: one for one in done}
    assert by_id[id_of(poisoned, "entry")].is_loaded
    assert not by_id[id_of(poisoned, "payload")].is_loaded
    assert "html_not_feed" in by_id[id_of(poisoned, "payload")].detail
    row = poisoned.row("SELECT resolution, resolved_by FROM desk.quarantine WHERE kind = 'entry'")
    assert row == {"resolution": "loaded", "resolved_by": "ann"}
    assert poisoned.value("SELECT count(*) FROM news_v1.articles WHERE url LIKE '%/2'") == 1
    assert poisoned.value("SELECT count(*) FROM news_v1.articles") == 2
    again = retry_quarantine(poisoned.store, settings, by="ann", clock=poisoned.clock)
    assert [one.quarantine_id for one in again] == [id_of(poisoned, "payload")]
    assert poisoned.offences() == {}


def test_what_still_fails_stays_with_its_reason_and_its_neighbours_are_not_touched(poisoned: Desk) -> None:
    before = poisoned.rows("SELECT * FROM desk.articles")
    done = retry_quarantine(poisoned.store, poisoned.settings, by="ann", clock=poisoned.clock)
    assert [one.is_loaded for one in done] == [False, False]
    assert poisoned.rows("SELECT * FROM desk.articles") == before
    assert poisoned.value("SELECT count(*) FROM desk.quarantine WHERE resolved_at IS NULL") == 2


def test_what_is_dropped_stays_with_who_and_why_and_waits_no_more(poisoned: Desk) -> None:
    payload = id_of(poisoned, "payload")
    with pytest.raises(ConfigurationError, match="who and why"):
        drop_quarantine(poisoned.store, [payload], by="ann", why=" ")
    assert drop_quarantine(poisoned.store, [payload], by="ann", why="a login page", clock=poisoned.clock) == [payload]
    row = poisoned.row("SELECT resolution, resolved_by, resolved_why FROM desk.quarantine WHERE kind = 'payload'")
    assert row == {"resolution": "dropped", "resolved_by": "ann", "resolved_why": "a login page"}
    with pytest.raises(NotFound, match=f"not open in quarantine: {payload}"):
        drop_quarantine(poisoned.store, [payload], by="ann", why="again")


def test_the_commands_show_export_and_retry(poisoned: Desk, tmp_path: Path) -> None:
    entry, payload = id_of(poisoned, "entry"), id_of(poisoned, "payload")
    listed = wiredesk(poisoned, "list").stdout.decode()
    assert "too_costly" in listed
    assert "html_not_feed" in listed
    (line,) = wiredesk(poisoned, "list", "--reason", "too_costly", "--json").stdout.splitlines()
    assert json.loads(line)["quarantine_id"] == entry
    told = wiredesk(poisoned, "show", str(payload)).stdout.decode()
    assert "html_not_feed" in told
    assert "Please log in." in told
    assert wiredesk(poisoned, "show", str(payload), "--raw").stdout == HTML
    wiredesk(poisoned, "export", str(payload), "--output", str(tmp_path))
    (file,) = tmp_path.glob("*.bin")
    about = json.loads(file.with_suffix(".json").read_text())
    assert file.read_bytes() == HTML
    assert (about["reason"], about["content_type"]) == ("html_not_feed", "text/html")
    unnamed = wiredesk(poisoned, "retry")
    assert (unnamed.returncode, unnamed.stdout) == (1, b"")
    tried = wiredesk(poisoned, "retry", str(entry), "--by", "ann")
    assert (tried.returncode, tried.stdout.decode()) == (0, f"{entry}: loaded\n1 loaded, 0 still wait\n")
    assert wiredesk(poisoned, "drop", str(payload), "--why", "a login page").returncode == 0
    assert wiredesk(poisoned, "list").stdout == b"nothing is in quarantine\n"
    assert b"dropped" in wiredesk(poisoned, "list", "--all").stdout
    missing = wiredesk(poisoned, "show", "999")
    assert (missing.returncode, b"no 999 in quarantine" in missing.stderr) == (1, True)
