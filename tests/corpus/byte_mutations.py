"""The ways in which the web damages any bytes, whatever they mean."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random], bytes]

RAW = (b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xe6\x9d", b"\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0", b"\xa4\x93")


def place(body: bytes, chance: random.Random) -> int:
    return chance.randrange(len(body) + 1)


def flip(body: bytes, chance: random.Random) -> bytes:
    if not body:
        return body
    at = chance.randrange(len(body))
    return (
        body[:at]
        + bytes([chance.choice((chance.randrange(256), body[at] ^ (1 << chance.randrange(8))))])
        + body[at + 1 :]
    )


def cut(body: bytes, chance: random.Random) -> bytes:
    start = place(body, chance)
    return body[:start] + body[start + chance.choice((1, 3, 10, 40, 200)) :]


def end_early(body: bytes, chance: random.Random) -> bytes:
    return body[: place(body, chance)]


def repeat(body: bytes, chance: random.Random) -> bytes:
    start = place(body, chance)
    end = start + chance.choice((1, 5, 30, 200))
    return body[:end] + body[start:end] * chance.choice((1, 1, 2, 20)) + body[end:]


def move(body: bytes, chance: random.Random) -> bytes:
    start = place(body, chance)
    end = start + chance.choice((5, 30, 200))
    rest = body[:start] + body[end:]
    at = place(rest, chance)
    return rest[:at] + body[start:end] + rest[at:]


def damaged(body: bytes, chance: random.Random, mutations: Sequence[Mutation], most: int = 4) -> bytes:
    """The bytes after one to `most` of the mutations."""
    for _ in range(chance.randint(1, most)):
        body = chance.choice(mutations)(body, chance)
    return body
