"""docs/production.md as its reader's shell and Compose would read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from local.files import CHECKOUT
from tests.deploy import compose_file

PATH = CHECKOUT / "docs" / "production.md"

# Options of `docker compose <subcommand>` that the page uses; none takes a value of its own.
_FLAGS = frozenset({"--rm", "--detach", "--all", "-T"})


def blocks(language: str) -> list[str]:
    """The fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PATH.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def compose_calls() -> Iterator[tuple[str, list[str]]]:
    """(subcommand, its words without flags) of every `docker compose …`, in blocks and in the text."""
    text = PATH.read_text(encoding="utf-8")
    lines = [line for block in blocks("sh") for line in compose_file.shell_lines(block)]
    lines += [
        line for code in re.findall(r"`(docker compose [^`…]+)`", text) for line in compose_file.shell_lines(code)
    ]
    for line in lines:
        if line[:2] == ["docker", "compose"] and len(line) > 2:
            yield line[2], [word for word in line[3:] if word not in _FLAGS]


def commands_in_services() -> Iterator[tuple[str, list[str]]]:
    """(service, what is run in it) of every `docker compose exec` and `run`, redirections removed.

    Nothing, where the service's own command is run.
    """
    for subcommand, words in compose_calls():
        if subcommand not in {"exec", "run"}:
            continue
        service, *line = words
        for mark in ("<", ">"):
            line = line[: line.index(mark)] if mark in line else line
        yield service, ["wiredesk", *line] if service == "wiredesk" else line


def overridden_services() -> dict[str, Any]:
    """The services of the page's docker-compose.override.yml examples."""
    found: dict[str, Any] = {}
    for block in blocks("yaml"):
        found |= yaml.safe_load(block)["services"]
    return found
