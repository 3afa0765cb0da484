from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from local.errors import PostgresError
from local.files import CHECKOUT
from local.guard import removed_with_this_process
from local.ports import free_port
from local.postgres import EmbeddedPostgres
from tests.local.waiting import eventually


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    """A durable server that tests may stop and kill; in a folder that the server's account can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        state_dir = Path(folder, "state")
        with removed_with_this_process(state_dir):
            yield EmbeddedPostgres(state_dir)


@pytest.fixture
def server(own_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    with own_server:
        yield own_server


def server_process(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int(data_file(server, "postmaster.pid").read_text().splitlines()[0]))


def one(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.superuser_dsn()) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    password = psycopg.conninfo.conninfo_to_dict(postgres.superuser_dsn())["password"]
    wrong = postgres.superuser_dsn().replace(str(password), "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_every_way_in_asks_for_a_scram_password(postgres: EmbeddedPostgres) -> None:
    assert one(postgres, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules") == ["scram-sha-256"]
    assert one(postgres, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'postgres'")


def test_server_listens_on_the_loopback_address_alone(postgres: EmbeddedPostgres) -> None:
    listening = [c for c in server_process(postgres).net_connections("all") if c.status == psutil.CONN_LISTEN]
    assert [connection.laddr for connection in listening] == [("127.0.0.1", postgres.port)]
    assert one(postgres, "SHOW unix_socket_directories") == ""


def test_server_is_not_root(postgres: EmbeddedPostgres) -> None:
    process = server_process(postgres)
    assert 0 not in process.uids()
    assert 0 not in process.gids()
    status = Path("/proc", str(process.pid), "status")
    if status.exists():
        groups = [line for line in status.read_text().splitlines() if line.startswith("Groups:")]
        assert os.geteuid() != 0 or groups == ["Groups:\t "]


def test_texts_sort_and_times_read_alike_on_every_machine(postgres: EmbeddedPostgres) -> None:
    locale = "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = 'template1'"
    assert one(postgres, locale) == "b C.UTF-8"
    assert one(postgres, "SHOW TimeZone") == "UTC"


def test_password_file_is_private(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((postgres.state_dir / "postgres.json").stat().st_mode) == 0o600


def test_start_of_a_running_server_changes_nothing(postgres: EmbeddedPostgres) -> None:
    before = server_process(postgres).pid
    EmbeddedPostgres(postgres.state_dir).start()
    assert server_process(postgres).pid == before


def keep_a_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.superuser_dsn()) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")


def test_port_and_data_survive_stop_and_start(server: EmbeddedPostgres) -> None:
    port, process = server.port, server_process(server)
    assert one(server, "SHOW fsync") == "on"
    keep_a_row(server)
    server.stop()
    assert not server.is_running()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    server.start()
    assert (server.port, one(server, "SELECT value FROM kept")) == (port, 42)


def test_taken_port_is_replaced(server: EmbeddedPostgres) -> None:
    port = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        server.start()
        assert server.port != port
        assert one(server, "SELECT 1") == 1


def test_committed_rows_survive_kill_9_of_the_server(server: EmbeddedPostgres) -> None:
    keep_a_row(server)
    with psycopg.connect(server.superuser_dsn()) as connection:  # a session that outlives its postmaster a little
        server_process(server).kill()
        eventually(lambda: not server.is_running(), "the killed server is seen as dead")
        server.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        connection.close()
    assert one(server, "SELECT value FROM kept") == 42


def test_immediate_stop_is_recovered_from(server: EmbeddedPostgres) -> None:
    keep_a_row(server)
    server.stop(immediate=True)
    assert not server.is_running()
    server.start()
    assert one(server, "SELECT value FROM kept") == 42


def test_recycled_pid_is_not_taken_for_the_server(server: EmbeddedPostgres) -> None:
    pid_file = data_file(server, "postmaster.pid")
    lines = pid_file.read_text().splitlines()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert not server.is_running()
        server.start()
        assert one(server, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_initdb_killed_half_way_is_done_again(server: EmbeddedPostgres) -> None:
    data = data_file(server, "")
    server.stop()
    half = data.rename(data.with_name("data.new"))
    (half / "global" / "pg_control").unlink()
    server.start()
    assert one(server, "SELECT 1") == 1
    assert not half.exists()


def test_servers_started_at_the_same_time_do_not_collide(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    with removed_with_this_process(folders[0]), removed_with_this_process(folders[1]):
        servers = [EmbeddedPostgres(folder, durable=False) for folder in folders]
        with ThreadPoolExecutor() as pool:
            list(pool.map(EmbeddedPostgres.start, servers))
        assert len({server.port for server in servers}) == 2
        assert [one(server, "SELECT 1") for server in servers] == [1, 1]


def test_private_folder_stays_private(tmp_path: Path) -> None:
    """As root the server's account cannot pass it, so the data goes elsewhere; as a user it simply works."""
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    before = [path.stat().st_mode for path in (private, *private.parents)]
    with removed_with_this_process(private / "state"):
        with EmbeddedPostgres(private / "state", durable=False) as server:
            assert one(server, "SELECT 1") == 1
        assert [path.stat().st_mode for path in (private, *private.parents)] == before


def test_data_of_another_version_is_named(server: EmbeddedPostgres) -> None:
    server.stop()
    with (
        replaced(data_file(server, "PG_VERSION"), "17\n"),
        pytest.raises(PostgresError, match=r"made by Postgres 17; .* has 18"),
    ):
        server.start()


def test_failed_start_shows_the_servers_own_words(server: EmbeddedPostgres) -> None:
    server.stop()
    with (
        replaced(data_file(server, "postgresql.conf"), "shared_buffers = 'much'\n"),
        pytest.raises(PostgresError, match=r'did not start(.|\n)*invalid value for parameter "shared_buffers"'),
    ):
        server.start()


def test_lost_password_is_named_and_the_data_is_left_alone(server: EmbeddedPostgres) -> None:
    server.stop()
    with (
        replaced(server.state_dir / "postgres.json", None),
        pytest.raises(PostgresError, match="the password of the data"),
    ):
        server.start()
    server.start()
    assert one(server, "SELECT 1") == 1


def test_postgres_of_a_killed_test_run_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    code = (
        "import pathlib, signal, sys\n"
        "from local.guard import removed_with_this_process\n"
        "from local.postgres import EmbeddedPostgres\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with removed_with_this_process(folder), EmbeddedPostgres(folder, durable=False) as server:\n"
        "    print(server.port, flush=True)\n"
        "    signal.pause()\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        port = int(run.stdout.readline())
        run.kill()
    eventually(lambda: free_port(port) == port, "the server's port is free again")
    eventually(lambda: not (folder / "postgres.json").exists(), "its state is gone")


def data_file(server: EmbeddedPostgres, name: str) -> Path:
    """A file of the data folder, wherever that had to be made."""
    return server.log_path.parent / "data" / name


@contextmanager
def replaced(file: Path, text: str | None) -> Iterator[None]:
    """`file` with another content, or without one; afterwards as it was."""
    before = file.read_text()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    yield
    if text is None:
        file.touch(0o600)
    file.write_text(before)
