"""The incremental load: what the sink has landed since the last run goes into the clean tables and `rejected`.

Which objects are new, their names tell (`jobs.landed`). The figures are taken from what the tables hold in the end.
"""

from concurrent.futures import ThreadPoolExecutor

from jobs.engine import Engine, Read
from jobs.figures import Figures
from jobs.landed import LandedObject, objects_behind
from jobs.progress import Progress
from pipeline.entities import ENTITIES, Entity
from pipeline.estate import Estate


def new_objects(estate: Estate, progress: Progress) -> dict[str, list[LandedObject]]:
    """By topic, the dead-letter topic included, the objects to read; topics without any are left out."""
    topics = [*estate.topics.values(), estate.dead_letter_topic]
    found = {topic: list(objects_behind(estate, topic, progress.last_read)) for topic in topics}
    return {topic: objects for topic, objects in found.items() if objects}


def load_objects(engine: Engine, estate: Estate, objects: dict[str, list[LandedObject]], progress: Progress) -> None:
    """Bring the objects' records into the tables, and `progress` up to date."""

    def load_topic(entity: Entity) -> Read | None:
        topic = estate.topics[entity.name]
        files = [landed for landed in objects.get(topic, []) if not landed.name.missing]
        if not files:
            return None
        read = engine.load(entity, topic, files)
        # In one piece: three topics tell of themselves at once.
        print(f"{topic}: {read.lines:,} lines read, {read.clean:,} rows in the table\n", end="", flush=True)
        return read

    with ThreadPoolExecutor(len(ENTITIES)) as pool:  # most of a small load is waiting
        reads = {entity.name: read for entity, read in zip(ENTITIES, pool.map(load_topic, ENTITIES), strict=True)}
    letters = [landed for landed in objects.get(estate.dead_letter_topic, []) if not landed.name.missing]
    if letters:
        engine.load_dead_letters(letters)
    grown = letters or any(read and read.refused for read in reads.values())
    _count(engine.rejected() if grown else {}, reads, estate, progress)
    for topic, landed in objects.items():
        _count_missing(topic, landed, progress)
        progress.read(landed)


def _count(rejected: dict[str, int], reads: dict[str, Read | None], estate: Estate, progress: Progress) -> None:
    """Bring the figures up to what was read and to what the tables now hold.

    `rejected`: rows of that table by topic, as far as they may be more than before. Those that are not of the lines
    read are dead letters.
    """
    for name, read in reads.items():
        topic = estate.topics[name]
        before = progress.figures.get(topic, Figures())
        lines, refused, clean = (read.lines, read.refused, read.clean) if read else (0, 0, before.clean)
        now_rejected = rejected.get(topic, before.rejected)
        records_in = before.records_in + lines + (now_rejected - before.rejected - refused)
        if records_in:
            progress.figures[topic] = Figures(
                records_in=records_in,
                clean=clean,
                rejected=now_rejected,
                superseded=records_in - clean - now_rejected,
                missing=before.missing,
            )


def _count_missing(topic: str, objects: list[LandedObject], progress: Progress) -> None:
    """Add to the figures what Kafka had dropped before it landed, and say where."""
    for name in (landed.name for landed in objects if landed.name.missing):
        print(
            f"{topic}: {name.missing:,} records of partition {name.partition} (offsets {name.first} to "
            f"{name.first + name.missing - 1}) were gone from Kafka before they landed",
            flush=True,
        )
        before = progress.figures.get(topic, Figures())
        progress.figures[topic] = before + Figures(missing=name.missing)
