"""The schema is what the migrations say, everywhere, and code and schema belong together."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import psycopg
import pytest
from wiredesk.errors import ConfigurationError, SchemaMismatch
from wiredesk.settings import Settings
from wiredesk.steps import open_database
from wiredesk.store import migrate as migrations
from wiredesk.store.database import OWNER, Database

from local.cluster import Cluster
from local.schema import CONTRACT_FILE, SCHEMA_FILE, dump_schema, write_dictionary


@pytest.fixture
def sql_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of sql/ that a test may change."""
    import shutil

    copy = tmp_path / "sql"
    shutil.copytree(SCHEMA_FILE.parent, copy)
    monkeypatch.setenv("WIREDESK_SQL_DIR", str(copy))
    return copy


@pytest.fixture
def empty_database(cluster: Cluster) -> str:
    """The DSN of a database that no migration has seen."""
    with psycopg.connect(cluster.postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        connection.execute("CREATE DATABASE empty OWNER wiredesk_owner")
    return cluster.dsn("wiredesk", "empty")


def settings(dsn: str) -> Settings:
    return Settings(dsn=dsn)


def test_committed_schema_equals_all_migrations(cluster: Cluster, database: str) -> None:
    found = dump_schema(cluster.postgres.bin_dir / "pg_dump", database)
    assert found == SCHEMA_FILE.read_text(encoding="utf-8"), "run `make schema` and read the difference"


def test_contract_document_equals_the_comments_in_the_database(database: str) -> None:
    assert write_dictionary(database) == CONTRACT_FILE.read_text(encoding="utf-8"), "run `make schema`"


def test_everything_public_has_a_comment(database: str) -> None:
    with psycopg.connect(database) as connection:
        bare = connection.execute(
            """
            SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = 'news_v1'::regnamespace
            AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
            UNION ALL
            SELECT c.relname, NULL FROM pg_class c
            WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind = 'r'
            AND obj_description(c.oid, 'pg_class') IS NULL
            """
        ).fetchall()
    assert bare == []


def test_every_time_has_a_zone(database: str) -> None:
    with psycopg.connect(database) as connection:
        naive = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_schema IN ('desk', 'news_v1') AND data_type LIKE '%without time zone%'"
        ).fetchall()
    assert naive == []


def test_every_foreign_key_has_an_index_to_check_it_with(database: str) -> None:
    """Without one, deleting or updating the row it points to reads the whole table."""
    with psycopg.connect(database) as connection:
        missing = connection.execute(
            """
            SELECT k.conrelid::regclass::text, k.conname FROM pg_constraint k
            WHERE k.contype = 'f' AND k.connamespace = 'desk'::regnamespace AND NOT EXISTS (
                SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
                AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey[1:1]
            )
            """
        ).fetchall()
    assert missing == []


def test_migrating_twice_applies_nothing(database: str) -> None:
    assert migrations.migrate(database) == []


def test_migrating_over_many_connections_at_once_applies_everything_once(empty_database: str) -> None:
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrations.migrate(empty_database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [name for names in applied for name in names]
    assert len(applied) == 4
    assert sorted(names) == sorted(set(names))
    assert len(names) == len(migrations.read_migrations()) + len(migrations.read_contract())


BEFORE_0006 = """
INSERT INTO desk.sources (host, name) VALUES ('news.example', 'news.example');
INSERT INTO desk.feeds (source_id, url, interval_s, next_fetch_at, next_fetch_reason)
VALUES (1, 'https://news.example/feed', 3600, now(), 'due');
INSERT INTO desk.payloads (payload_digest, body, body_bytes, compression) VALUES (sha256('x'), 'x', 1, 'zstd');
INSERT INTO desk.fetches (kind, feed_id, claim_key, url, started_at, duration_ms, outcome, reason, payload_digest)
VALUES ('feed', 1, 'run', 'https://news.example/feed', now(), 1, 'fetched', 'new_bytes', sha256('x'));
INSERT INTO desk.entries (
    feed_id, entry_key, entry_digest, authors, categories, enclosures, is_page_missing, first_seen_at, last_seen_at,
    fetch_id, pipeline_version
)
VALUES (1, 'key', sha256('y'), '{}', '{}', '[]', FALSE, now(), now(), 1, 1);
INSERT INTO desk.quarantine (
    kind, feed_id, fetch_id, subject_digest, reason, detail, quarantined_at, pipeline_version
)
VALUES ('payload', 1, 1, sha256('x'), 'malformed', 'broken', now(), 1);
"""


def test_a_database_with_rows_is_brought_to_the_present_schema_with_all_of_them(empty_database: str) -> None:
    with Database(empty_database, role=OWNER) as owner:
        for file in migrations.read_migrations()[:5]:
            owner.run(migrations._apply_migration, file)
    tables = ("sources", "feeds", "payloads", "fetches", "entries", "quarantine")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("SET ROLE wiredesk_writer")
        connection.execute(BEFORE_0006)
        assert migrations.migrate(empty_database)[0].startswith("0006_")
        assert [connection.execute(f"SELECT count(*) FROM desk.{table}").fetchone() for table in tables] == [(1,)] * 6
        feed = connection.execute("SELECT is_conditional, skip_hours, moved_count, floor_s FROM desk.feeds").fetchone()
        assert feed == (True, [], 0, None)
        assert connection.execute("SELECT alarms, is_conditional FROM desk.fetches").fetchone() == ([], None)
        unchecked = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
        assert connection.execute(unchecked).fetchall() == []


def test_no_migration_reads_a_large_table_while_it_keeps_writers_out() -> None:
    """Those up to 0017 did, and cannot be edited: a new constraint is checked by a migration of its own."""
    for file in migrations.read_migrations():
        if file.version > 17 and "NOT VALID" in file.sql:
            assert "VALIDATE CONSTRAINT" not in file.sql, file.name
            assert "\nUPDATE" not in file.sql, file.name
        if file.version > 17:
            added = file.sql.count("ADD CONSTRAINT")
            assert file.sql.count("NOT VALID") >= added, f"{file.name} checks all rows under ACCESS EXCLUSIVE"


def test_a_schema_that_is_behind_is_refused_with_what_to_do(empty_database: str) -> None:
    with pytest.raises(SchemaMismatch, match=r"behind: schema 0, .* Run: wiredesk migrate"):
        open_database(settings(empty_database))


def newer_release(sql_copy: Path, head: str) -> None:
    """What a later release may bring: a migration, and another comment on a view."""
    number = len(migrations.read_migrations()) + 1
    (sql_copy / "migrations" / f"{number:04}_later.sql").write_text(f"{head}\nCREATE TABLE desk.later_{number} ();\n")
    view = sql_copy / "contract" / "v1" / "changes.sql"
    view.write_text(view.read_text() + "COMMENT ON VIEW news_v1.changes IS 'newer code';\n")


def comment_on_changes(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT obj_description('news_v1.changes'::regclass)").fetchone()
        return str(row and row[0])


def test_the_release_before_runs_on_a_newer_schema_that_says_so_and_leaves_it_alone(
    database: str, sql_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer_release(sql_copy, f"-- least code: {len(migrations.read_migrations())}")
    assert [name[4:] for name in migrations.migrate(database)] == ["_later", "hanges.sql"]
    monkeypatch.delenv("WIREDESK_SQL_DIR")
    open_database(settings(database)).close()
    assert migrations.migrate(database) == []
    assert comment_on_changes(database) == "newer code"


@pytest.mark.parametrize("head", ["-- as such", "-- least code: {present}"])
def test_a_schema_too_far_ahead_is_refused_with_what_to_do_and_left_alone(
    database: str, sql_copy: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    """One that needs its own code, and one that needs code of a migration before it, which is not known here either."""
    if "least" in head:
        newer_release(sql_copy, "-- as such")
    newer_release(sql_copy, head.format(present=len(migrations.read_migrations())))
    migrations.migrate(database)
    monkeypatch.delenv("WIREDESK_SQL_DIR")
    with pytest.raises(SchemaMismatch, match=r"ahead.*Deploy the newer wiredesk"):
        open_database(settings(database))
    with pytest.raises(SchemaMismatch, match="ahead"):
        migrations.migrate(database)
    assert comment_on_changes(database) == "newer code"


def test_the_contract_changes_only_with_a_migration_that_names_it() -> None:
    """So that of two contracts code knows which is the newer, and the release before leaves a newer one alone."""
    named = re.findall(
        r"^-- contract: (\w+)$", "".join(file.sql for file in migrations.read_migrations()), re.MULTILINE
    )
    texts = "".join(f"{file.name}\0{file.sql}\0" for file in migrations.read_contract())
    digest = hashlib.sha256(texts.encode()).hexdigest()
    assert named[-1] == digest, f"add a migration with the line `-- contract: {digest}`"


def test_an_edited_migration_is_refused_by_name(database: str, sql_copy: Path) -> None:
    first = min((sql_copy / "migrations").iterdir())
    first.write_text(first.read_text() + "-- an afterthought\n")
    with pytest.raises(SchemaMismatch, match=r"0001_subscriptions\.sql was edited"):
        migrations.migrate(database)


def test_a_failing_migration_leaves_nothing_behind(database: str, sql_copy: Path) -> None:
    number = len(migrations.read_migrations()) + 1
    (sql_copy / "migrations" / f"{number:04}_half.sql").write_text("CREATE TABLE desk.half (x int); SELECT 1 / 0;")
    with pytest.raises(Exception, match="division by zero"):
        migrations.migrate(database)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('desk.half')").fetchone() == (None,)


def test_a_gap_in_the_numbers_is_refused(sql_copy: Path) -> None:
    (sql_copy / "migrations" / "0099_late.sql").write_text("SELECT 1;")
    with pytest.raises(ConfigurationError, match="without a gap"):
        migrations.read_migrations()


def test_a_changed_contract_is_applied_again(database: str, sql_copy: Path) -> None:
    view = sql_copy / "contract" / "v1" / "changes.sql"
    view.write_text(view.read_text() + "COMMENT ON VIEW news_v1.changes IS 'changed';\n")
    with pytest.raises(SchemaMismatch, match="not those of this code"):
        open_database(settings(database))
    assert migrations.migrate(database) == ["v1/changes.sql"]


def test_the_contract_cannot_lose_a_column(database: str, sql_copy: Path) -> None:
    view = sql_copy / "contract" / "v1" / "changes.sql"
    view.write_text(view.read_text().replace("    change.revision,\n", ""))
    with pytest.raises(Exception, match="cannot"):
        migrations.migrate(database)


@pytest.mark.parametrize("schema", ["desk", "public"])
def test_the_reader_sees_only_the_contract(reader_database: str, schema: str) -> None:
    with psycopg.connect(reader_database, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM news_v1.articles").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"CREATE TABLE {schema}.mine (x int)")
        for view in ("articles", "copies", "stories", "feeds", "changes"):
            with pytest.raises(psycopg.errors.Error):
                connection.execute(f"DELETE FROM news_v1.{view}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM desk.feeds")


def test_the_writer_cannot_change_the_schema(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET ROLE wiredesk_writer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE desk.feeds ADD COLUMN x int")
