"""A publisher on loopback for the rules of politeness."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.fetch_wire import Wire, serve_wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with serve_wire() as server:
        yield server
