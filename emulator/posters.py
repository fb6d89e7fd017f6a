"""Who posts: a few busy posters with many rows and many with one, as measured (data contract, section 1).

In the measured rows every poster has one name, one user and one place, and each of these is the smallest of what its
rows would have had on their own. That is why busy posters are young, joined early and live at the front of the
alphabet; drawing the least of `activity` numbers gives the same shape.
"""

import math
import random
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.people import COUNTRIES, FIRST_NAMES, LAST_NAMES
from emulator.vocabulary import POSTER_FIRST, POSTER_SECOND, POSTER_THIRD

REGULARS = 650
ONE_OFF_SHARE = 0.4
SKEW = 1.6  # how unevenly the regulars share their rows
GOLDEN_RATIO = (math.sqrt(5) - 1) / 2
WHOLE_TABLE = 11154  # rows over which the activity of a regular was measured

FIRST_JOIN = datetime(2015, 10, 20)
JOIN_SECONDS = int((datetime(2017, 10, 14) - FIRST_JOIN).total_seconds())

# Quantiles of the follower count, over all rows; between two of them it grows by a constant factor.
FOLLOWER_SHARES = (0.0, 0.05, 0.2, 0.25, 0.5, 0.75, 0.93, 0.945, 0.985, 0.997, 1.0)
FOLLOWER_COUNTS = (1, 23, 1_000, 3_000, 28_000, 190_000, 1_000_000, 2_000_000, 5_000_000, 8_000_000, 15_000_000)


@dataclass(frozen=True, slots=True)
class Poster:
    """What all rows of one poster share; `date_joined` is ISO 8601, `follower_count` as the site shows it."""

    name: str
    follower_count: str
    first_name: str
    last_name: str
    age: int
    date_joined: str
    latitude: float
    longitude: float
    country: str


class Posters:
    """The posters of a seed: the regulars are made at once, the one-off ones as their rows come."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"{seed}/posters")
        # Steps of the golden ratio spread the few busy posters evenly over the follower counts, whatever the seed.
        first_share = rng.random()
        self._regulars = [
            _poster(rng, _activity(rank), share=(first_share + rank * GOLDEN_RATIO) % 1) for rank in range(REGULARS)
        ]

    def draw(self, rng: random.Random) -> Poster:
        """The poster of the next row."""
        if rng.random() < ONE_OFF_SHARE:
            return _poster(rng, activity=1, share=rng.random())
        return self._regulars[int(REGULARS * rng.random() ** SKEW)]


def _activity(rank: int) -> float:
    """Rows that the regular of this rank has in the whole table, at least one."""
    share = ((rank + 1) / REGULARS) ** (1 / SKEW) - (rank / REGULARS) ** (1 / SKEW)
    return max(1.0, WHOLE_TABLE * (1 - ONE_OFF_SHARE) * share)


def _poster(rng: random.Random, activity: float, share: float) -> Poster:
    def least() -> float:
        """The least of `activity` numbers in [0, 1), in one draw."""
        return float(1 - (1 - rng.random()) ** (1 / activity))

    return Poster(
        name=f"{rng.choice(POSTER_FIRST)} {rng.choice(POSTER_SECOND)} {rng.choice(POSTER_THIRD)}",
        follower_count=follower_count(share),
        first_name=FIRST_NAMES[int(len(FIRST_NAMES) * least())],
        last_name=LAST_NAMES[int(len(LAST_NAMES) * least())],
        age=20 + int(41 * least()),
        date_joined=(FIRST_JOIN + timedelta(seconds=int(JOIN_SECONDS * least()))).isoformat(),
        latitude=round(180 * least() - 90, 4),
        longitude=round(360 * least() - 180, 4),
        country=COUNTRIES[int(len(COUNTRIES) * least())],
    )


def follower_count(share: float) -> str:
    """The follower count below which `share` (0 to 1) of all rows lie: `<n>`, `<n>k` or `<n>M`."""
    upper = min(bisect(FOLLOWER_SHARES, share), len(FOLLOWER_SHARES) - 1)
    low, high = FOLLOWER_COUNTS[upper - 1], FOLLOWER_COUNTS[upper]
    part = (share - FOLLOWER_SHARES[upper - 1]) / (FOLLOWER_SHARES[upper] - FOLLOWER_SHARES[upper - 1])
    count = int(low * (high / low) ** part)
    if count >= 1_000_000:
        return f"{count // 1_000_000}M"
    return f"{count // 1_000}k" if count >= 1_000 else str(count)
