"""What the answer's headers mean."""

from datetime import UTC, datetime

import pytest
from wiredesk.fetch.headers import conditional_headers, max_age_s, printable, retry_after_s
from wiredesk.models import FetchRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("90.5", 90),
        (" 90 ", 90),
        ("999999999", 86400),
        ("9" * 5000, None),
        ("-5", None),
        ("", None),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60),
        ("Sun Mar  1 12:01:00 2026", 60),
        ("Sun, 01 Mar 2026 11:59:00 GMT", 0),
        ("Sun, 99 Mar 2026 12:01:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_from_now_and_at_most_a_day(value: str, seconds: int | None) -> None:
    assert retry_after_s({"Retry-After": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": 'public, MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "200"}, 400),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache-Control": "max-age=31536000"}, 86400),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Sun, 01 Mar 2026 12:10:00 GMT"}, 600),
        ({"Expires": "Sun, 01 Mar 2026 12:10:00 GMT", "Date": "Sun, 01 Mar 2026 12:09:00 GMT"}, 60),
        ({"Expires": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        ({"Expires": "0"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Sun, 01 Mar 2026 12:10:00 GMT"}, 60),
    ],
)
def test_freshness_is_what_is_left_of_it_and_at_most_a_day(headers: dict[str, str], seconds: int | None) -> None:
    assert max_age_s(headers, NOW) == seconds


def test_validators_go_out_as_they_came_or_not_at_all() -> None:
    request = FetchRequest("http://example.org/", etag=' W/"x" ', last_modified="grün")
    assert conditional_headers(request) == {"If-None-Match": ' W/"x" '}


@pytest.mark.parametrize("value", [None, "", "a\r\nX-Evil: 1", "a\0b", "grün", "\udcff"])
def test_value_that_is_not_printable_ascii_is_no_value(value: str | None) -> None:
    assert printable(value) is None
