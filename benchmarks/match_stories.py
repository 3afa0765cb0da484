"""What recognising stories costs. `python -m benchmarks.match_stories`

Three parts. Signing texts of 371 words, beside datasketch's own ways and rensa, in processor seconds. The index in
Postgres as it grows: looking up and inserting 1,000 articles. And the whole way of an article, from its text to its
story, on labelled streams, by the wall clock.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from statistics import median

import psycopg
import xxhash
from datasketch import MinHash, MinHashLSH
from wiredesk.dedup.sign import sign_texts
from wiredesk.models import SignatureScheme
from wiredesk.settings import Settings
from wiredesk.steps.evaluate import read_stream, replay_stream
from wiredesk.store import stories
from wiredesk.store.database import Database
from wiredesk.store.evaluation import scratch_database

from local.guard import temporary_postgres
from local.ports import free_port

DEDUP = Path(__file__).parents[1] / "../shared/data/dedup"
TEXT_WORDS = 371  # the mean of the articles that were measured first
TEXTS = 1500  # some seconds for each of the slower peers
SIZES = (5_000, 50_000, 250_000)  # articles: with 20 postings each 100 thousand, a million and five million
POSTINGS = 20  # of a story of 150 words
PROBES = 1000
ROUNDS = 5
MOST_GROWTH = 1.5  # of a lookup from the smallest index to the largest
LEAST_SIGNED_PER_S = 1500
LEAST_RATIO = 15  # of datasketch's update loop
LEAST_ARTICLES_PER_S = 500
SCHEME = SignatureScheme(2, "words2", 5, 128, 1, "affine32+golden64", 16, 20)
WORD = re.compile(r"\w+")  # without the normalising that wiredesk does
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)

FILL = """
INSERT INTO desk.articles (
    url_key, source_id, entry_id, fetch_id, title, text, html, authors, flags, removed, text_digest, word_count,
    first_seen_at, revised_at, pipeline_version
)
SELECT 'fill/' || n, 1, 1, 1, 'title', '', '', '{{}}', '{{}}', '{{}}', sha256(n::text::bytea), 150, %(now)s, %(now)s, 1
FROM generate_series(%(first)s::int, %(last)s::int) AS n;
INSERT INTO desk.signatures (article_id, scheme_id, revision, minima, shingle_count, fingerprints)
SELECT article_id, 2, 1, '\\x00', 146, hashes
FROM (
    SELECT article_id, array_agg(hashint8(article_id / 4 * {postings} + place)) AS hashes
    FROM desk.articles CROSS JOIN generate_series(1, {postings}) AS place
    WHERE url_key LIKE 'fill/%%' AND NOT EXISTS (
        SELECT FROM desk.signatures AS known WHERE known.article_id = articles.article_id
    )
    GROUP BY article_id
) AS own;
INSERT INTO desk.postings (slot, scheme_id, hash, article_id, source_id, told_on)
SELECT article_id %% 2, 2, hash, article_id, 1, %(now)s
FROM desk.signatures CROSS JOIN LATERAL unnest(fingerprints) AS hash
WHERE article_id > %(known)s;
"""


def read_texts() -> list[str]:
    """Real articles, cut to the same length."""
    with gzip.open(DEDUP / "web_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [" ".join(json.loads(line)["text"].split()[:TEXT_WORDS]) for line in lines]
    return [text for text in texts if len(text.split()) == TEXT_WORDS][:TEXTS]


def signing(texts: Sequence[str]) -> bool:
    """Documents a processor second of each peer; every one starts from the text, and cuts it as users of it do."""

    def shingled(text: str) -> list[bytes]:
        tokens = WORD.findall(text.casefold())
        return [" ".join(tokens[start : start + 5]).encode() for start in range(len(tokens) - 4)]

    def update() -> None:
        for text in texts:
            minhash = MinHash(num_perm=128)
            for shingle in shingled(text):
                minhash.update(shingle)

    def update_batch() -> None:
        for text in texts:
            MinHash(num_perm=128).update_batch(shingled(text))

    peers: dict[str, Callable[[], object]] = {
        "wiredesk": lambda: sign_texts(texts, SCHEME, min_words=20),
        "datasketch, update": update,
        "datasketch, update_batch": update_batch,
        "datasketch, bulk": lambda: MinHash.bulk([shingled(text) for text in texts], num_perm=128),
        "datasketch, bulk with xxh32": lambda: MinHash.bulk(
            [shingled(text) for text in texts], num_perm=128, hashfunc=xxhash.xxh32_intdigest
        ),
    }
    if find_spec("rensa"):
        peers["rensa"] = lambda: _rensa(texts)
    else:
        print("rensa is not installed (make install-bench), so it is not beside us")
    speeds = {name: len(texts) / _least_cpu_s(peer) for name, peer in peers.items()}
    print(f"signing {len(texts)} texts of {TEXT_WORDS} words, 128 permutations, and for wiredesk its fingerprints too")
    for name, speed in speeds.items():
        print(f"  {name:<28} {speed:7.0f} documents/s  {speed / speeds['datasketch, update']:6.1f}")
    ratio = speeds["wiredesk"] / speeds["datasketch, update"]
    print(f"wiredesk should reach {LEAST_SIGNED_PER_S} and {LEAST_RATIO} times the update loop")
    return speeds["wiredesk"] >= LEAST_SIGNED_PER_S and ratio >= LEAST_RATIO


def _rensa(texts: Sequence[str]) -> None:
    from rensa import RMinHash

    for text in texts:
        tokens = WORD.findall(text.casefold())
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update([" ".join(tokens[start : start + 5]) for start in range(len(tokens) - 4)])
        minhash.digest()


def index(dsn: str, sizes: Sequence[int]) -> bool:
    """Milliseconds to look up and to insert 1,000 articles, and bytes an article, as the index grows."""
    print(f"the index: {PROBES} articles of {POSTINGS} postings at a time, least of {ROUNDS}")
    print(f"  {'articles':>9}  {'postings':>9}  {'lookup ms':>9}  {'insert ms':>9}  {'bytes an article':>16}")
    lookups = []
    with psycopg.connect(dsn, autocommit=True) as connection, Database(dsn) as database:
        connection.execute("SET session_replication_role = replica")
        connection.execute("INSERT INTO desk.sources (host, name) VALUES ('a.example', 'a')")
        first = 1
        for size in sizes:
            known = connection.execute("SELECT coalesce(max(article_id), 0) FROM desk.signatures").fetchone()
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(
                    FILL.format(postings=POSTINGS), {"first": first, "last": size, "now": NOW, "known": known[0]}
                )
            first = size + 1
            connection.execute("VACUUM ANALYZE desk.postings")
            connection.execute("VACUUM ANALYZE desk.signatures")
            connection.execute("VACUUM ANALYZE desk.articles")
            ids = random.Random(size).sample(range(1, size), PROBES)
            lookup = min(
                _wall_ms(lambda ids=ids: database.run(stories.find_uses, ids, scheme=SCHEME)) for _ in range(ROUNDS)
            )
            insert = min(_wall_ms(lambda: _insert(connection)) for _ in range(ROUNDS))
            rows, size_bytes = connection.execute(
                "SELECT (SELECT count(*) FROM desk.postings), (SELECT sum(pg_total_relation_size(inhrelid)) "
                "FROM pg_inherits WHERE inhparent = 'desk.postings'::regclass)"
            ).fetchone() or (0, 0)
            lookups.append(lookup)
            print(f"  {size:>9,}  {rows:>9,}  {lookup:>9.0f}  {insert:>9.0f}  {size_bytes / size:>16.0f}", flush=True)
    print(f"a lookup in the largest should take at most {MOST_GROWTH} of that in the smallest")
    return lookups[-1] <= MOST_GROWTH * lookups[0]


def _insert(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """1,000 articles' postings, taken back."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO desk.postings (slot, scheme_id, hash, article_id, source_id, told_on) "
            "SELECT 0, 2, (random() * 2e9)::int, -n, 1, %s FROM generate_series(1, %s) AS n "
            "CROSS JOIN generate_series(1, %s)",
            (NOW, PROBES, POSTINGS),
        )


def in_memory(count: int) -> None:
    """The index of datasketch, in memory and on Redis, 20 bands of 5, beside ours: one by one."""
    pick = random.Random(3)
    minhashes = [
        MinHash(num_perm=100, hashvalues=[pick.randrange(2**32) for _ in range(100)], scheme="affine32")
        for _ in range(count)
    ]
    _time_lsh("in memory", MinHashLSH(num_perm=100, params=(20, 5)), minhashes)
    if not (find_spec("redis") and which("redis-server")):
        print("datasketch on Redis is not beside us: redis-server or its Python client is not installed")
        return
    with _redis() as port:
        storage = {"type": "redis", "basename": b"bench", "redis": {"host": "127.0.0.1", "port": port}}
        _time_lsh("on Redis", MinHashLSH(num_perm=100, params=(20, 5), storage_config=storage), minhashes[:2000])


def _time_lsh(where: str, lsh: MinHashLSH, minhashes: Sequence[MinHash]) -> None:
    insert = _wall_ms(lambda: [lsh.insert(str(number), minhash) for number, minhash in enumerate(minhashes)])
    lookup = _wall_ms(lambda: [lsh.query(minhash) for minhash in minhashes[:PROBES]])
    print(
        f"datasketch {where}, 20 bands of 5, {len(minhashes)} articles: lookup of {PROBES} {lookup:.0f} ms, insert "
        f"{insert / len(minhashes) * PROBES:.0f} ms",
        flush=True,
    )


@contextmanager
def _redis() -> Iterator[int]:
    """A Redis of its own on a free port; nothing of it stays."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        # It says so once it answers.
        next((line for line in server.stdout or () if "Ready to accept connections" in line), None)
        yield port
    finally:
        server.terminate()
        server.wait()


def whole_way(dsn_of: Callable[[], object]) -> bool:
    """Articles a second from text to story."""
    speeds = []
    for name in ("wire", "web"):
        articles = read_stream(DEDUP / f"{name}_dev.jsonl.gz")
        with scratch_database(str(dsn_of())) as dsn, Database(dsn) as database:
            began = time.monotonic()
            replay_stream(database, Settings(dsn=dsn), articles)
            speeds.append(len(articles) / (time.monotonic() - began))
        words = median(len(article.text.split()) for article in articles)
        print(
            f"  {name}: {speeds[-1]:.0f} articles/s (median {words:.0f} words), one worker beside Postgres", flush=True
        )
    print(f"the wire should reach {LEAST_ARTICLES_PER_S}")
    return speeds[0] >= LEAST_ARTICLES_PER_S


def _least_cpu_s(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(3))


def _wall_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def main(argv: list[str] | None = None) -> int:
    """Measure all three; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=list(SIZES), help="sizes of the index")
    given = parser.parse_args(argv)
    if not DEDUP.is_dir():
        print(f"skipped: {DEDUP} is absent (shared data for development)")
        return 0
    reached = [signing(read_texts())]
    with temporary_postgres() as server:
        # What a server for news has, and the default has not: the index fits into it, as it does there.
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET shared_buffers = '2GB'")
        server.stop()
        server.start()
        with scratch_database(server.superuser_dsn()) as dsn:
            reached.append(index(dsn, given.articles))
        in_memory(20_000)
        print("from text to story")
        reached.append(whole_way(server.superuser_dsn))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
