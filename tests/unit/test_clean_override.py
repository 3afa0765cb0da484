"""What a person says of a source's pages outranks the general rules, and a typing error is found at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from wiredesk.clean.override import Override
from wiredesk.clean.page import clean_page
from wiredesk.errors import ConfigurationError

STORY = [f"The council of Vellmar has agreed on plan number {n}, its speaker said on Monday night." for n in range(5)]
PAGE = (
    "<html><head><title>Wrong</title><meta name='author' content='Desk'></head><body><div class='top'><p>"
    + "Buy our tea towels, they are woven by hand and last a lifetime of wiping, as many readers have told us. " * 4
    + "</p></div><h2 class='real'>Plans agreed</h2><span class='who'>Ane Holt</span>"
    "<i data-when datetime='2024-03-04T08:00'></i><div class='body'>"
    + "".join(f"<p>{line}</p>" for line in STORY)
    + "<p class='promo'>Tea towels, hand-woven.</p></div></body></html>"
).encode()
URL = "https://paper.example/plans"


def rules(**given: object) -> Override:
    return Override.from_mapping(given, where="test")


def test_selectors_decide_what_is_kept_and_what_is_not() -> None:
    found = clean_page(PAGE, url=URL, override=rules(keep="div.body", strip=["//p[@class='promo']"]))
    assert found.text.split("\n\n") == STORY
    assert found.steps[0].name == "override, elements kept"
    assert found.steps[0].cut == ("Tea towels, hand-woven.",)


def test_selectors_say_title_authors_and_date_and_that_they_did() -> None:
    found = clean_page(PAGE, url=URL, override=rules(title=".real", authors=".who", published_at="[data-when]"))
    assert (found.title, found.authors) == ("Plans agreed", ("Ane Holt",))
    assert found.published_at == datetime(2024, 3, 4, 8, tzinfo=UTC)
    assert set(found.said_by.values()) == {"override"}


def test_selectors_that_find_nothing_change_nothing() -> None:
    plain = clean_page(PAGE, url=URL)
    found = clean_page(
        PAGE, url=URL, override=rules(keep=".gone", strip=".gone", title="(count(//p))", authors=".gone")
    )
    assert (found.text, found.title, found.authors) == (plain.text, plain.title, plain.authors)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"keep": "div["}, "neither a CSS selector nor an XPath"),
        ({"keep": "//div["}, "neither a CSS selector nor an XPath"),
        ({"kepe": "div"}, "kepe is no rule; there are keep, strip, title, authors, published_at"),
        ({"keep": 7}, "must be a selector or a list of selectors, not 7"),
        ({"keep": ["div", ""]}, "must be a selector"),
        (["div"], "a mapping"),
    ],
)
def test_a_typing_error_is_named_with_its_place(given: object, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        Override.from_mapping(given, where="paper.yaml")
    assert str(caught.value).startswith("paper.yaml")


def test_rules_come_back_as_they_were_given() -> None:
    given = {"keep": ["div.body"], "strip": ["//p"], "title": [".real"]}
    assert Override.from_mapping(given, where="x").as_mapping() == given
