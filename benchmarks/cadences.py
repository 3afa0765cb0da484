"""How 232 real news feeds and blogs publish, as plain numbers: what the simulated week draws its feeds from.

Measured on 314 stored feeds and on the polling day of 17 May 2020 (19 outlets), none of whose content is here:
publication times of a feed's items, without the oldest quarter (items that are pinned or dated wrongly), give the
items a day; items that share five minutes give the mean size of a batch, because newsrooms publish in batches.
"""

from __future__ import annotations

# (items that the feed shows, items a day, items in a batch)
NEWS = (
    (15, 0.02, 1.0), (10, 0.5, 1.1), (100, 0.6, 1.0), (15, 0.69, 1.0), (29, 0.93, 1.2), (10, 1.35, 1.0),
    (100, 2.7, 1.1), (15, 3.33, 1.1), (15, 3.77, 1.3), (25, 4.4, 1.1), (20, 6.67, 1.1), (6, 6.75, 1.0),
    (10, 7.17, 1.1), (50, 8.79, 1.2), (40, 10.62, 1.1), (30, 11.36, 1.9), (9, 12.29, 1.0), (10, 12.97, 3.6),
    (21, 13.09, 1.1), (30, 13.56, 1.1), (18, 16.59, 1.1), (15, 17.11, 1.1), (25, 19.49, 1.1), (15, 19.86, 1.0),
    (100, 21.46, 1.1), (10, 23.87, 1.0), (57, 26.24, 1.1), (24, 27.0, 5.2), (21, 27.28, 1.1), (49, 27.42, 1.1),
    (33, 28.77, 1.1), (20, 29.87, 1.1), (54, 30.62, 1.2), (17, 30.94, 1.0), (15, 31.61, 1.7), (20, 32.12, 1.2),
    (23, 32.38, 1.1), (71, 32.79, 1.2), (10, 33.13, 1.3), (18, 38.27, 1.1), (10, 38.95, 1.0), (20, 41.24, 1.9),
    (69, 51.62, 1.1), (10, 54.79, 1.0), (150, 56.53, 1.2), (55, 73.61, 1.1), (50, 78.0, 1.9), (20, 82.01, 1.2),
    (30, 82.5, 1.0), (20, 89.77, 1.2), (32, 113.44, 1.8), (169, 152.2, 1.6), (87, 170.43, 1.5),
)  # fmt: skip

# The same of feeds that are no news outlets' (blogs, podcasts, release notes): every eighth of 179, by rate.
OTHERS = (
    (19, 0.004, 1.0), (10, 0.005, 1.0), (100, 0.01, 1.0), (15, 0.01, 1.0), (30, 0.01, 1.6), (28, 0.02, 1.0),
    (15, 0.02, 1.0), (99, 0.02, 1.0), (10, 0.04, 1.0), (10, 0.06, 1.0), (15, 0.07, 1.0), (17, 0.1, 1.0),
    (14, 0.12, 1.0), (20, 0.17, 1.0), (15, 0.22, 1.1), (10, 0.35, 1.0), (10, 0.65, 1.0), (10, 1.04, 1.0),
    (40, 2.6, 1.0), (20, 4.95, 1.0), (15, 10.92, 1.1), (25, 19.26, 1.1), (10, 118.1, 1.0),
)  # fmt: skip

# How much of a day's news is published in each hour of the publisher's own time, against an even spread: 1,326
# dates with a zone, of 24 outlets, each outlet weighing as the root of its count.
HOURS = (
    1.22, 0.35, 0.23, 0.17, 0.19, 1.51, 2.04, 1.01, 1.36, 1.62, 1.46, 1.65,
    1.28, 1.11, 1.39, 1.35, 0.95, 0.90, 0.86, 0.44, 0.57, 0.68, 0.86, 0.77,
)  # fmt: skip

# Seconds that a feed asks for by ttl or sy:updatePeriod, and the share of feeds that do: 6 of 36 news feeds.
FLOORS = {None: 30 / 36, 60: 1 / 36, 300: 1 / 36, 600: 1 / 36, 900: 1 / 36, 3600: 0.5 / 36, 18_000: 0.5 / 36}

# Share of polls without news whose bytes differ all the same (a date of building): 22 to 28 % of changed documents.
TOUCHED = 0.25
