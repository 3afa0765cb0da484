"""What the sample must come to, stated by hand: the answer sheet for the tests of the whole line.

Addresses are paths below the wire's base URL, as `Story.address`. Counts are of distinct addresses, so the
tram story, which two feeds of one publisher carry, is one article. `outcome` and `reason` are the values of
wiredesk.models.FetchOutcome and FetchReason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FeedResult:
    """How one poll of one feed ends."""

    outcome: Literal["fetched", "unchanged", "failed"]
    reason: str
    items: int = 0  # in the document, those without identity or content included
    new: int = 0  # of them, entries that the feed did not carry at the edition before
    revised: int = 0  # items whose text changed under the same guid
    payload_reason: str | None = None  # the payload is quarantined whole


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that repeats another publisher's, or its own publisher's earlier one."""

    address: str
    of: str
    edition: int
    how: Literal["verbatim", "edited", "first_half", "extended", "corrected"]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item that cannot become an article. `key` is its guid, if it has one."""

    feed: str
    reason: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows after the poll of an edition, pages included: articles = stories + copies."""

    articles: int
    stories: int
    copies: int
    quarantined_entries: int


FIRST_POLL: Mapping[str, FeedResult] = {
    "nwa": FeedResult("fetched", "new_bytes", items=5, new=5),
    "courier": FeedResult("fetched", "new_bytes", items=5, new=5),
    "courier_city": FeedResult("fetched", "new_bytes", items=2, new=2),
    "meridian": FeedResult("fetched", "new_bytes", items=3, new=3),
    "lakeside": FeedResult("fetched", "new_bytes", items=3, new=3),
    "gazette": FeedResult("fetched", "new_bytes", items=5, new=3),
    "radio": FeedResult("fetched", "new_bytes", items=2, new=2),
    "bayfront": FeedResult("fetched", "new_bytes", items=2, new=2),
    "portside": FeedResult("fetched", "new_bytes", payload_reason="html_not_feed"),
    "oldmill": FeedResult("failed", "not_found"),
    "bote": FeedResult("fetched", "new_bytes", items=2, new=2),
    "kurier": FeedResult("fetched", "new_bytes", items=2, new=2),
    "collines": FeedResult("fetched", "new_bytes", items=2, new=2),
    "costa": FeedResult("fetched", "new_bytes", items=2, new=2),
    "minato": FeedResult("fetched", "new_bytes", items=2, new=2),
}

SECOND_POLL: Mapping[str, FeedResult] = {
    "nwa": FeedResult("fetched", "new_bytes", items=8, new=3, revised=1),
    "courier": FeedResult("fetched", "new_bytes", items=8, new=3),
    "courier_city": FeedResult("fetched", "new_bytes", items=2),  # only the document's own date
    "meridian": FeedResult("fetched", "new_bytes", items=5, new=2),
    "lakeside": FeedResult("unchanged", "same_bytes", items=3),
    "gazette": FeedResult("fetched", "new_bytes", items=6, new=1),
    "radio": FeedResult("unchanged", "not_modified", items=2),
    "bayfront": FeedResult("unchanged", "same_bytes", items=2),
    "portside": FeedResult("fetched", "new_bytes", payload_reason="html_not_feed"),
    "oldmill": FeedResult("failed", "not_found"),
    "bote": FeedResult("fetched", "new_bytes", items=3, new=1),
    "kurier": FeedResult("unchanged", "not_modified", items=2),
    "collines": FeedResult("fetched", "new_bytes", items=3, new=1),
    "costa": FeedResult("unchanged", "not_modified", items=2),
    "minato": FeedResult("fetched", "new_bytes", items=3, new=1),
}

POLLS: Mapping[int, Mapping[str, FeedResult]] = {1: FIRST_POLL, 2: SECOND_POLL}

COPIES = (
    Copy("/courier/bridge-courier", "/nwa/harbour-bridge", 1, "verbatim"),
    Copy("/gazette/bridge-gazette", "/nwa/harbour-bridge", 1, "extended"),
    Copy("/courier/van-plant-courier", "/meridian/van-plant", 1, "edited"),
    Copy("/lakeside/grain-lakeside", "/nwa/grain-merger", 1, "edited"),
    Copy("/lakeside/coral-lakeside", "/nwa/coral-reef", 1, "first_half"),
    Copy("/kurier/moorschutz-kurier", "/bote/moorschutz", 1, "extended"),
    Copy("/nwa/grain-merger-corrected", "/nwa/grain-merger", 2, "corrected"),
    Copy("/meridian/grain-meridian", "/nwa/grain-merger", 2, "first_half"),
    Copy("/courier/coral-courier", "/nwa/coral-reef", 2, "edited"),
    Copy("/gazette/train-gazette", "/nwa/night-train", 2, "verbatim"),
)

# An extended copy is the most complete, so it leads: original to lead.
LED_BY_COPY = {"/nwa/harbour-bridge": "/gazette/bridge-gazette", "/bote/moorschutz": "/kurier/moorschutz-kurier"}


def shown_copies() -> dict[str, str]:
    """What is set aside at the end, and the lead that it is a copy of."""
    told = {copy.address: copy.of for copy in COPIES} | {original: original for original in LED_BY_COPY}
    leads = {address: LED_BY_COPY.get(original, original) for address, original in told.items()}
    return {address: lead for address, lead in leads.items() if address != lead}


# Templates of one publisher, filled with other numbers: both stay.
LOOK_ALIKES = (
    ("/nwa/market-report-tuesday", "/nwa/market-report-wednesday"),
    ("/courier/weather-tuesday", "/courier/weather-wednesday"),
)

# Same guid and address, new title and text at the second poll: a second revision of one article.
REVISED = (
    (
        "/nwa/harbour-bridge",
        "Port Halden reopens harbour bridge after eleven-month repair",
        "Port Halden harbour bridge reopens, first-day queues shorter than feared",
    ),
)

QUARANTINED_ENTRIES = (
    Quarantined("gazette", "no_identity", None),
    Quarantined("gazette", "empty", "gazette:gazette-placeholder"),
)

TOTALS: Mapping[int, Totals] = {
    1: Totals(articles=34, stories=28, copies=6, quarantined_entries=2),
    2: Totals(articles=46, stories=36, copies=10, quarantined_entries=2),
}

# The page of the customer's kind: what must land, and what must not.
WIDGET_ADDRESS = "/meridian/van-plant"
WIDGET_TITLE = "Tarnby Works Restarts: Norvane Automotive to Build Compact Vans Again"
WIDGET_RESIDUE = (
    "No time to read?",
    "Get a summary",
    "Previous Article",
    "Brightwater Dairy Tests Returnable Bottles in Forty Shops",
    "Next Article",
    "Solvane Grid Plans Battery Store at Disused Power Station",
)
WIDGET_PARAGRAPHS = (
    (
        "The presses in Tarnby are stamping sheet metal again. Norvane Automotive’s plant, idle since "
        "February 2023, took up work on Monday morning, the district administration wrote on its website. "
        "About 900 people in the town of 11,000 had been employed there before the gates were shut."
    ),
    (
        "Compact vans will come off the line first. Lowfield Mobility, which has leased the assembly hall "
        "for ten years, wants to finish 36 vehicles by the end of April and to reach full output in the "
        "spring of 2027. Prices and the share of domestic parts will be named when orders open, “and not an "
        "hour before”, the company said."
    ),
    (
        "In earlier years the Tarnby works pressed, welded and painted whole vehicles under one roof, among "
        "them a bakery van and a minibus that was sold in eleven countries. At its peak the plant turned "
        "out 52,000 vehicles a year for three brands, which differed in little more than their radiator "
        "grilles."
    ),
    (
        "The gates should have opened on March 2. A water main under the paint shop burst four days "
        "earlier, and the ceremony, for which a brass band and a tent for 400 guests had been ordered, was "
        "put off by a week."
    ),
    (
        "Rumours that the haulage company Greyfell Logistics is buying the engine plant next door have not "
        "been confirmed. The owners of both sites said that no talks were under way, which leaves the "
        "future of the engine plant and its 240 places of work as open as before."
    ),
    (
        "Suppliers in the valley are counting on the restart. Forty workshops between Tarnby and the Orrin "
        "bridge made seats, cable looms and door seals for the old line, and nineteen of them have kept "
        "their tools in store rather than sell them. How many will be asked again depends on a list of "
        "parts that Lowfield means to publish in May. The union, for its part, wants to know how many of "
        "the 310 people on the first shift will be given permanent contracts; at present all of them are "
        "hired until the end of the year. A second shift could follow in the autumn if the first vans pass "
        "their winter tests, which are to be driven on the frozen Lake Mirren next January, and if the "
        "regional bank extends the loan that has paid for the new welding robots."
    ),
)
