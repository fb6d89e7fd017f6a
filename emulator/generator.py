"""Rows like the measured ones (data contract, section 1): any number, always the same for one seed.

Row `k` depends on the seed and on `k` alone, so a longer run begins with the rows of a shorter one.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from emulator import vocabulary
from emulator.posters import Poster, Posters

BLOCK = 1000  # rows that share a random number generator: setting one up costs as much as a row

FIRST_POST = datetime(2017, 10, 20)  # after the last join, so that no post precedes its user
POST_SECONDS = int((datetime(2022, 10, 18) - FIRST_POST).total_seconds())

CATEGORIES = tuple(vocabulary.SUBJECTS)
TAGS = {
    category: [f"{subject.split()[-1]} {qualifier}" for subject in subjects for qualifier in vocabulary.TAG_QUALIFIERS]
    for category, subjects in vocabulary.SUBJECTS.items()
}
LONGEST_DESCRIPTION = 180

# What befalls a pin, in rows of the 1,058 measured; each of the first four befalls the following ones too.
MEASURED_ROWS = 1058
LOST = 12  # title, poster and followers unknown
UNTAGGED = 18
IMAGELESS = 28
STORY = 80
# And these befall no others: each in rows of its own, counted from the end of the one before.
NO_DESCRIPTION = STORY + 17
UNTITLED = NO_DESCRIPTION + 2
ART = UNTITLED + 2
VIDEO = ART + 32
IMAGE_STORY = VIDEO + 0.5
VIDEO_STORY = IMAGE_STORY + 0.5

# Text beyond plain ASCII, as shares of the rows.
QUOTED = 0.03
WITH_EMOJI = 0.02
IN_OTHER_SCRIPT = 0.02
ACCENTED = 0.22

SourceRow = tuple[int | float | str, ...]


class Block(NamedTuple):
    """Rows `k` of the three tables, side by side, each in the column order of `pipeline.entities`."""

    pin: list[SourceRow]
    geo: list[SourceRow]
    user: list[SourceRow]


def generate(seed: int, rows: int) -> Iterator[Block]:
    """The rows 0 to `rows` - 1, in blocks of at most `BLOCK`."""
    posters = Posters(seed)
    for first in range(0, rows, BLOCK):
        rng = random.Random(f"{seed}/{first}")
        block = Block([], [], [])
        for key in range(first, min(first + BLOCK, rows)):
            poster = posters.draw(rng)
            block.pin.append(_pin(key, rng, poster))
            block.geo.append((key, _posted(rng), poster.latitude, poster.longitude, poster.country))
            block.user.append((key, poster.first_name, poster.last_name, poster.age, poster.date_joined))
        yield block


def _posted(rng: random.Random) -> str:
    return (FIRST_POST + timedelta(seconds=int(POST_SECONDS * rng.random()))).isoformat()


def _pin(key: int, rng: random.Random, poster: Poster) -> SourceRow:
    category = rng.choice(CATEGORIES)
    subject = rng.choice(vocabulary.SUBJECTS[category])
    fate = MEASURED_ROWS * rng.random()
    digits = f"{rng.getrandbits(256):064x}"
    image, unique = digits[:32], digits[32:]
    return (
        key,
        f"{unique[:8]}-{unique[8:12]}-4{unique[13:16]}-a{unique[17:20]}-{unique[20:]}",
        "No Title Data Available" if fate < LOST else _title(rng, subject),
        _description(rng, subject, fate),
        "User Info Error" if fate < LOST else poster.name,
        "User Info Error" if fate < LOST else poster.follower_count,
        "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e" if fate < UNTAGGED else ",".join(rng.sample(TAGS[category], 9)),
        _kind(fate),
        "Image src error."
        if fate < IMAGELESS
        else f"https://images.example.org/originals/{image[:2]}/{image[2:4]}/{image}.jpg",
        0 if fate < IMAGELESS else 1,
        f"Local save in /data/{category}",
        category,
    )


def _kind(fate: float) -> str:
    if fate < STORY:
        return "multi-video(story page format)"
    if fate < ART or fate >= VIDEO_STORY:
        return "image"
    if fate < VIDEO:
        return "video"
    return "image(story page format)" if fate < IMAGE_STORY else "video(story page format)"


def _title(rng: random.Random, subject: str) -> str:
    title = f"{rng.choice(vocabulary.OPENINGS)} {subject} {rng.choice(vocabulary.ENDINGS)}".rstrip()
    return f'"{title}"' if rng.random() < QUOTED else title


def _description(rng: random.Random, subject: str, fate: float) -> str:
    if fate < STORY:
        return "No description available Story format"
    if fate < NO_DESCRIPTION:
        return "No description available"
    if fate < ART:
        return "Untitled" if fate < UNTITLED else "Art."
    sentences = rng.sample(vocabulary.SENTENCES, rng.choice((1, 2, 2, 3, 3)))
    flavour = rng.random()
    if flavour < WITH_EMOJI:
        sentences.insert(0, rng.choice(vocabulary.EMOJI))
    elif flavour < WITH_EMOJI + IN_OTHER_SCRIPT:
        sentences = [rng.choice(vocabulary.OTHER_SCRIPTS)]
    elif flavour < WITH_EMOJI + IN_OTHER_SCRIPT + ACCENTED:
        sentences.insert(0, rng.choice(vocabulary.ACCENTED))
    text = " ".join(sentences).replace("{subject}", subject)
    # The site cuts long texts, with an ellipsis and a no-break space.
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 2] + "…\N{NO-BREAK SPACE}"
