"""What one payload may hold. Beyond it the payload, or the one item, is refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Caps of one document; real feeds stay far below each."""

    max_items: int = 5000  # as settings.feed_max_items: the largest of 10,500 real news feeds has fewer
    max_item_bytes: int = 4 * 2**20  # the largest item of 314 real feeds, a whole book, has 2.4 MB
    max_item_elements: int = 5000  # an eighth of a second of feedparser; the most of 314 real feeds are 614
    max_attributes: int = 256  # of one element: feedparser takes quadratic time; the most of 314 real feeds are 12
    max_frame_elements: int = 20_000  # around and between the items; the most of 314 real feeds are 1,825
    max_depth: int = 240  # as in `clean`: libxml2 drops what is deeper, and 583 real pages reach 43
