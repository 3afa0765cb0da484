"""Errors of the local set-up. Their messages are for the person at the terminal."""

from __future__ import annotations


class LocalError(Exception):
    """The local set-up could not do what was asked: what is wrong, where, what to do."""


class PostgresError(LocalError):
    """The embedded Postgres could not do it; the message holds the end of its log where that helps."""
