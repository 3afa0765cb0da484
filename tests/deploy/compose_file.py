"""docker-compose.yml and .env.example as Compose reads them: YAML merges, then ${NAME} from the variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from local.files import CHECKOUT

COMPOSE = CHECKOUT / "docker-compose.yml"
ENV_EXAMPLE = CHECKOUT / ".env.example"

# https://docs.docker.com/reference/compose-file/interpolation/, the forms that this file may use.
_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}|(?P<bad>.))")


@cache
def read() -> dict[str, Any]:
    """The file before interpolation; do not change what it returns."""
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def resolve(environment: Mapping[str, str]) -> dict[str, Any]:
    """The file as Compose would run it. LookupError with the file's own message for a missing variable."""

    def value(match: re.Match[str]) -> str:
        if match["bad"]:
            raise ValueError(f"a $ that is neither $$ nor ${{NAME}}: {match.string!r}")
        if match["dollar"]:
            return "$"
        given = environment.get(match["name"], "")
        if given or match["kind"] is None:
            return given
        if match["kind"] == "?":
            raise LookupError(match["rest"])
        return match["rest"] or ""

    resolved: dict[str, Any] = _map_strings(read(), lambda text: _REFERENCE.sub(value, text))
    return resolved


def references() -> Iterator[tuple[str, str]]:
    """(name, kind) of every ${NAME…} in a value; the kind is `?` where it is required, else `-` or empty."""
    for text in strings(read()):
        for match in _REFERENCE.finditer(text):
            if match["name"]:
                yield match["name"], match["kind"] or ""


def explained() -> dict[str, tuple[str, str]]:
    """Variable → (the comment above it, its value) of .env.example, in its order."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in ENV_EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        elif line.strip():
            name, _, value = line.partition("=")
            found[name] = (" ".join(comment), value)
        else:
            comment = []
    return found


def sample_environment() -> dict[str, str]:
    """A recognizable value for every required variable, and nothing for the others."""
    return {name: f"sample-{name.lower()}" for name, kind in references() if kind == "?"}


def strings(node: Any) -> Iterator[str]:
    """Every string value below `node`."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from strings(child)


def commands(service: Mapping[str, Any]) -> Iterator[list[str]]:
    """The argument lists that a service runs, its health check included; shell scripts line by line."""
    entrypoint = service.get("entrypoint", [])
    if "command" in service:
        yield from _command_lines([*entrypoint, *service["command"]])
    test = service.get("healthcheck", {}).get("test", ["NONE"])
    if test[0] == "CMD":
        yield test[1:]
    elif test[0] == "CMD-SHELL":
        yield from shell_lines(test[1])


def _command_lines(arguments: list[str]) -> Iterator[list[str]]:
    if arguments[:2] in (["bash", "-c"], ["sh", "-c"]):
        yield from shell_lines(arguments[2])
    else:
        yield arguments


def shell_lines(script: str) -> Iterator[list[str]]:
    """The simple commands of a shell script, comments and `exec` removed."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words[1:] if words[0] == "exec" else words


def _map_strings(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, str):
        return change(node)
    if isinstance(node, dict):
        return {key: _map_strings(child, change) for key, child in node.items()}
    if isinstance(node, list):
        return [_map_strings(child, change) for child in node]
    return node
