"""Tables made by other rules are not gone on with, but made anew beside them: a new generation.

The progress (of the stream lane, `StreamLane`) names the generation, and is put last: by that one object readers come
to the new tables, and a rebuild that is killed has changed nothing.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from jobs import contract
from jobs.progress import Progress
from jobs.stream_progress import StreamLane, StreamProgress, load_stream_lane, load_stream_progress, save_stream_lane
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Lane, Settings

GENERATION = "%Y%m%dT%H%M%SZ"  # when it was begun


def to_load(settings: Settings, estate: Estate, progress: Progress) -> Progress:
    """The progress that a load goes on from: of a rebuild, that of tables which do not exist yet.

    Raises UserError when the tables were made by other rules than this version's and are not to be rebuilt.
    """
    if settings.rebuild:
        _delete_others(estate, "batch", progress.generation)
        generation = datetime.now(UTC).strftime(GENERATION)
        print(f"rebuilding: all that ever landed goes into new tables, below tables/{generation}/", flush=True)
        return Progress(generation=generation, contract=contract.DIGEST, results=progress.results)
    if progress.figures and progress.contract != contract.DIGEST:
        raise UserError(
            "the tables were made by other rules than those of this version (jobs/contract): "
            "`make batch REBUILD=yes` makes them anew from all that ever landed"
        )
    progress.contract = contract.DIGEST
    return progress


def to_stream(settings: Settings, estate: Estate) -> StreamLane:
    """What the stream lane goes on with: of a rebuild, what it is once all that the streams hold is in new tables.

    Raises UserError when the tables were made by other rules than this version's and are not to be rebuilt, or when a
    rebuild would lose what the streams have dropped since.
    """
    lane = load_stream_lane(estate)
    progress = load_stream_progress(estate, lane.generation)
    if settings.rebuild:
        lost = _dropped(estate, progress)
        if lost and settings.fail_on_data_loss:
            raise UserError(f"{lost}: `make stream REBUILD=yes FAIL_ON_DATA_LOSS=no` makes them without it")
        generation = datetime.now(UTC).strftime(GENERATION)
        _delete_others(estate, "stream", lane.generation)
        print(f"rebuilding: what the streams hold goes into new tables, below tables/{generation}/", flush=True)
        if lost:
            print(lost, flush=True)
        return StreamLane(generation=generation, contract=contract.DIGEST)
    if lane.contract != contract.DIGEST:
        if any(done.figures.records_in for done in progress.values()):
            lost = _dropped(estate, progress)
            raise UserError(
                "the stream lane's tables were made by other rules than those of this version (jobs/contract): "
                "`make stream REBUILD=yes` makes them anew from what the streams hold" + (f"; {lost}" if lost else "")
            )
        lane.contract = contract.DIGEST
        save_stream_lane(estate, lane)
    return lane


def _dropped(estate: Estate, progress: dict[str, StreamProgress]) -> str:
    """What new tables could not have, for the streams hold it no more; "" when they hold all that was ever read."""
    kinesis = estate.client("kinesis")
    gone = []
    for name, stream in estate.streams.items():
        done = progress[name]
        if not done.figures.records_in:
            continue
        try:
            told = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        except kinesis.exceptions.ResourceNotFoundException:
            raise UserError(f"stream {stream} is not there: make it with `make infra`") from None
        made, kept = told["StreamCreationTimestamp"], timedelta(hours=told["RetentionPeriodHours"])
        since = max(made, datetime.now(UTC) - kept)
        first = datetime.fromtimestamp(done.first, UTC) if done.first else made
        if first < since:
            gone.append(f"{stream} what arrived from {first:%Y-%m-%d %H:%M} to {since:%Y-%m-%d %H:%M} UTC")
    return f"new tables would lack what the streams have dropped: of {', of '.join(gone)}" if gone else ""


def generation_before(estate: Estate, lane: Lane, current: str) -> str | None:
    """The generation of the lane's tables that a rebuild has replaced; None when there was none."""
    return next((generation for generation, _ in _others(estate, lane, current)), None)


def _delete_others(estate: Estate, lane: Lane, current: str) -> None:
    """Delete the generations of a lane's tables that a rebuild, or a killed one, left behind."""
    s3 = estate.client("s3")
    for _, key in _others(estate, lane, current):
        s3.delete_object(Bucket=estate.bucket, Key=key)


def _others(estate: Estate, lane: Lane, current: str) -> Iterator[tuple[str, str]]:
    """Each object of the lane's tables of other generations: (generation, key)."""
    names = "|".join(re.escape(estate.table_prefix(name, lane).removeprefix("tables/")) for name in contract.SCHEMAS)
    of_the_lane = re.compile(rf"tables/(?:(\d{{8}}T\d{{6}}Z)/)?(?:{names})/")
    pages = estate.client("s3").get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix="tables/")
    for key in (item["Key"] for page in pages for item in page.get("Contents", [])):
        found = of_the_lane.match(key)
        if found and (found[1] or "") != current:
            yield found[1] or "", key
