"""`python -m emulator`: send the source's rows, and return when S3 has them, or Kinesis."""

import sys
from collections.abc import Callable

import uvloop

from emulator.checkpoint import Checkpoint, Standing
from emulator.destination import estate_in_use, records_folder, targets, waits_for_s3
from emulator.doors import check, door_to
from emulator.journal import Journal
from emulator.landing import wait_until_landed
from emulator.ledger import Ledger
from emulator.meter import meter
from emulator.orders import COURSE_LAST_OFFSET, Mark, rounds
from emulator.refusals import Refusals
from emulator.sending import Outcome, Run
from emulator.source import Source
from emulator.sources import open_source
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings


def send(settings: Settings) -> None:
    """Send every row that the settings ask for; in the batch lane, wait for S3 unless told not to.

    A replay that does not come to its end leaves a checkpoint: the next one goes on there. Raises KeyboardInterrupt
    when stopped before that end, UserError when the source, the API, Kinesis or S3 does not do its part.
    """
    check(settings)
    estate = estate_in_use(settings)
    folder = records_folder(settings, estate)
    refusals = Refusals(folder / "refused.txt", lambda line: print(line, file=sys.stderr, flush=True))
    source = open_source(settings, refusals.add)
    checkpoint = Checkpoint(folder, source)
    standing = Standing()
    if settings.order == "replay":
        checkpoint.lock()
        standing = checkpoint.load()
        _tell_resumed(standing, checkpoint)
    else:
        _tell_short_tables(source)
    ledger = Ledger(standing, targets(settings, estate), Journal(folder))

    def save() -> None:
        if settings.order == "replay":
            checkpoint.save(ledger.standing())

    outcome = _run(settings, estate, source, standing, ledger, save, refusals)
    if outcome.stopped and settings.order == "replay":
        print(f"stopped: the same command goes on behind the rows acknowledged ({checkpoint.path})", flush=True)
        raise KeyboardInterrupt
    if estate and waits_for_s3(settings) and not outcome.stopped:
        wait_until_landed(estate, ledger.standing().offsets)
        print("everything acknowledged lies in S3", flush=True)
    elif estate and settings.lane == "stream":
        print("everything acknowledged lies in Kinesis: `make stream` loads it into the tables", flush=True)
    if settings.order == "replay":
        checkpoint.delete()
    refusals.check()


def _run(
    settings: Settings,
    estate: Estate | None,
    source: Source,
    standing: Standing,
    ledger: Ledger,
    save: Callable[[], None],
    refusals: Refusals,
) -> Outcome:
    open_door = door_to(settings, estate)
    done = {entity.name: standing.marks.get(entity.name, Mark()).rows for entity in ENTITIES}
    with meter("sent", _totals(settings, source), done) as shown:
        run = Run(settings, open_door, targets(settings, estate), ledger, shown, save, refusals.add)
        try:
            outcome = uvloop.run(run.send(rounds(settings.order, source, standing.marks, settings.limit)))
        except UserError as error:
            go_on = "; the same command goes on behind them" if settings.order == "replay" else ""
            raise UserError(f"{error}; {ledger.rows_acknowledged:,} rows were acknowledged{go_on}") from None
    rate = outcome.rows / max(outcome.seconds, 0.001)
    print(
        f"sent {outcome.rows:,} rows in {outcome.seconds:.1f} s ({rate:,.0f}/s), {outcome.retries:,} retries",
        flush=True,
    )
    return outcome


def _totals(settings: Settings, source: Source) -> dict[str, int | None]:
    """Rows to send of each table, None when there is no end."""
    if settings.order == "random":
        return {entity.name: settings.limit for entity in ENTITIES}
    counts = {entity.name: source.count(entity) for entity in ENTITIES}
    return {table: count if settings.limit is None else min(count, settings.limit) for table, count in counts.items()}


def _tell_resumed(standing: Standing, checkpoint: Checkpoint) -> None:
    if any(mark.rows for mark in standing.marks.values()):
        rows = ", ".join(f"{mark.rows:,} {table}" for table, mark in standing.marks.items())
        print(f"resuming: {rows} rows were acknowledged before (to start over, delete {checkpoint.path})", flush=True)


def _tell_short_tables(source: Source) -> None:
    counts = {entity.source_table: source.count(entity) for entity in ENTITIES}
    short = [f"{table} {count:,}" for table, count in counts.items() if count <= COURSE_LAST_OFFSET]
    if short:
        rows = ", ".join(short)
        print(
            f"offsets are drawn from 0 to {COURSE_LAST_OFFSET:,}; those behind the last row are skipped ({rows} rows)"
        )
