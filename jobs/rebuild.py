"""Tables made by other rules are not gone on with, but made anew beside them: a new generation.

The progress names the generation, and is put last: by that one object readers come to the new tables, and a rebuild
that is killed has changed nothing.
"""

import re
from datetime import UTC, datetime

from jobs import contract
from jobs.progress import Progress
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings

GENERATION = "%Y%m%dT%H%M%SZ"  # when it was begun
OF_A_GENERATION = re.compile(rf"tables/(?:(\d{{8}}T\d{{6}}Z)/|(?:{'|'.join(contract.SCHEMAS)})/)")


def to_load(settings: Settings, estate: Estate, progress: Progress) -> Progress:
    """The progress that a load goes on from: of a rebuild, that of tables which do not exist yet.

    Raises UserError when the tables were made by other rules than this version's and are not to be rebuilt.
    """
    if settings.rebuild:
        _delete_others(estate, progress.generation)
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


def _delete_others(estate: Estate, current: str) -> None:
    """Delete the generations that a rebuild, or a killed one, left behind."""
    s3 = estate.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=estate.bucket, Prefix="tables/"):
        for key in (item["Key"] for item in page.get("Contents", [])):
            found = OF_A_GENERATION.match(key)
            if found and (found[1] or "") != current:
                s3.delete_object(Bucket=estate.bucket, Key=key)
