"""Settings are read once, checked at start, and documented completely."""

from __future__ import annotations

from dataclasses import fields

import pytest
from wiredesk.dedup.rule import MatchRule
from wiredesk.errors import ConfigurationError
from wiredesk.settings import Settings
from wiredesk.steps.match import match_rule

from local.files import CHECKOUT
from local.settings_page import SETTINGS_FILE, write_settings


def test_defaults_lie_within_their_own_bounds() -> None:
    named = {
        f"WIREDESK_{item.name.upper()}": str(item.default) for item in fields(Settings) if item.name != "allow_hosts"
    }
    assert Settings.from_environment(named) == Settings()


def test_values_are_read_with_their_type() -> None:
    read = Settings.from_environment(
        {"WIREDESK_BATCH_SIZE": "3", "WIREDESK_FETCH_TIMEOUT_S": "1.5", "WIREDESK_ALLOW_HOSTS": "127.0.0.1, 10.0.0.0/8"}
    )
    assert (read.batch_size, read.fetch_timeout_s) == (3, 1.5)
    assert read.allow_hosts == ("127.0.0.1", "10.0.0.0/8")


def test_all_that_is_wrong_is_said_at_once_with_what_is_allowed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(
            {"WIREDESK_BATCH_SIZE": "0", "WIREDESK_MATCH_WINDOW_H": "soon", "WIREDESK_BATCHSIZE": "8", "PATH": "/bin"}
        )
    message = str(caught.value)
    assert "WIREDESK_BATCH_SIZE='0': must be between 1 and 1000 feeds" in message
    assert "WIREDESK_MATCH_WINDOW_H='soon': must be a number (hours)" in message
    assert "WIREDESK_BATCHSIZE is no setting of wiredesk" in message
    assert "docs/settings.md" in message


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ConfigurationError, match=f"WIREDESK_FETCH_TIMEOUT_S='{number}': must be a finite number"):
        Settings.from_environment({"WIREDESK_FETCH_TIMEOUT_S": number})


@pytest.mark.parametrize(
    "given",
    [
        {"INTERVAL_MIN_S": "3600"},
        {"INTERVAL_MAX_S": "900"},
        {"INTERVAL_DEFAULT_S": "60"},
        {"INTERVAL_MIN_S": "900", "INTERVAL_DEFAULT_S": "600", "INTERVAL_MAX_S": "900"},
    ],
)
def test_intervals_in_the_wrong_order_are_refused_with_their_values(given: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({f"WIREDESK_{name}": value for name, value in given.items()})
    assert "WIREDESK_INTERVAL_MIN_S <= WIREDESK_INTERVAL_DEFAULT_S <= WIREDESK_INTERVAL_MAX_S" in str(caught.value)
    assert all(value in str(caught.value) for value in given.values())


def test_equal_intervals_are_a_fixed_rhythm() -> None:
    names = ("INTERVAL_MIN_S", "INTERVAL_DEFAULT_S", "INTERVAL_MAX_S")
    assert Settings.from_environment({f"WIREDESK_{name}": "900" for name in names}).interval_max_s == 900


@pytest.mark.parametrize("item", ["10.0.0.0/33", "intranet.example/8", "http://localhost:8000"])
def test_host_with_a_slash_that_is_no_network_is_named(item: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"WIREDESK_ALLOW_HOSTS": f"localhost, 10.0.0.7/8, fd00::/8, {item}"})
    assert f"{item!r} is neither a host name nor a network" in str(caught.value)


@pytest.mark.parametrize("name", ["FEED_MAX_BYTES", "PAGE_MAX_BYTES"])
def test_body_that_the_database_could_not_hold_is_not_allowed(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"WIREDESK_{name}"):
        Settings.from_environment({f"WIREDESK_{name}": str(2**28 + 1)})


def test_claim_outlasts_the_attempts_at_a_batch() -> None:
    execution_timeout_s, attempts = 15 * 60, 4  # of the DAG's tasks; no library code may know Airflow
    assert Settings().claim_lease_s >= attempts * execution_timeout_s


def test_every_number_has_its_unit_and_its_why() -> None:
    for item in fields(Settings):
        assert item.metadata["unit"], item.name
        assert len(item.metadata["why"]) > 10, item.name


def test_the_settings_page_is_complete_and_true() -> None:
    assert SETTINGS_FILE.read_text(encoding="utf-8") == write_settings(), "run `make schema`"
    assert SETTINGS_FILE.is_relative_to(CHECKOUT)


def test_the_settings_of_a_match_are_those_of_its_rule() -> None:
    assert match_rule(Settings()) == MatchRule()
