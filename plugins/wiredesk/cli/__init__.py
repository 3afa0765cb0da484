"""The command `wiredesk`: the same steps as the DAGs, and what a person asks the database.

An error is one line and exit code 1; wrong usage is exit code 2. `wiredesk --debug …` shows the traceback.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from wiredesk.cli import (
    evaluate,
    feed,
    follow,
    forget,
    line,
    look,
    measure,
    override,
    quarantine,
    replay,
    residue,
    source,
    story,
)
from wiredesk.cli.show import fail
from wiredesk.errors import WiredeskError

app = typer.Typer(
    name="wiredesk",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="News ingestion and deduplication: feeds over HTTP to deduplicated articles in Postgres.",
    epilog="The database is WIREDESK_DSN (postgresql://user:password@host:port/database).",
)
app.add_typer(feed.app, name="feed")
app.add_typer(story.app, name="story")
app.add_typer(quarantine.app, name="quarantine")
app.command()(line.migrate)
app.command()(line.run)
app.command()(line.expire)
app.command()(line.resign)
app.command()(line.index)
app.command()(look.doctor)
app.command()(look.status)
app.command()(look.explain)
app.command()(measure.parse)
app.command()(measure.clean)
app.command()(evaluate.evaluate)
app.command()(residue.residue)
app.command()(override.override)
app.command()(source.source)
app.command()(follow.tail)
app.command()(forget.forget)
app.command()(replay.replay)

# Set while the options are read, needed when the command has failed.
_state = {"debug": False}


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """News ingestion and deduplication: feeds over HTTP to deduplicated articles in Postgres."""
    _state["debug"] = debug


def main() -> None:
    """Run the command line; never returns."""
    try:
        app()
    except WiredeskError as error:
        if _state["debug"]:
            raise
        fail(str(error))
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        fail("stopped; what was committed stays, and the next run goes on from it")
    except OSError as error:
        if _state["debug"]:
            raise
        fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    except Exception as error:  # a bug of ours: still one line, and how to see more
        if _state["debug"]:
            raise
        fail(f"unexpected {type(error).__name__}: {error}. Please report it with what `wiredesk --debug …` shows")
