"""How the stream lane's tables are kept, whichever engine writes them: many commits make many files and a long log."""

import sys

RETENTION = "interval 2 hours"  # of what compaction replaced, and of the log: how long a reader may take
PROPERTIES = {
    "delta.logRetentionDuration": RETENTION,
    "delta.deletedFileRetentionDuration": RETENTION,
    "delta.checkpointInterval": "100",  # commits; Spark's default is 10, and it takes longer than a micro-batch
}
SMALL = 8_000_000  # bytes: so large become the files of a few commits; a rewrite of more would take too long


def compaction_failed(table: str, reason: str) -> None:
    """Say so on stderr, in a line; the table is as right as before."""
    print(f"compaction of {table} failed, the next one makes up for it: {reason}", file=sys.stderr, flush=True)
