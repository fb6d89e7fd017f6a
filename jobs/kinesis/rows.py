"""Records as rows: the source's schema, and Arrow record batches of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from jobs.kinesis.kpl import user_records

# As Databricks' source has it; and `subSequenceNumber`, the place in a record of the Kinesis Producer Library, else 0.
SCHEMA = (
    "partitionKey string, data binary, stream string, shardId string, sequenceNumber string, "
    "approximateArrivalTimestamp timestamp, subSequenceNumber bigint"
)
BLOCK_ROWS, BLOCK_BYTES = 10_000, 16 * 2**20
ARROW = pa.schema(
    [
        ("partitionKey", pa.string()),
        ("data", pa.binary()),
        ("stream", pa.string()),
        ("shardId", pa.string()),
        ("sequenceNumber", pa.string()),
        ("approximateArrivalTimestamp", pa.timestamp("us", tz="UTC")),
        ("subSequenceNumber", pa.int64()),
    ]
)


class Record(NamedTuple):
    partition_key: str
    data: bytes
    sequence_number: str
    arrival: datetime
    sub_sequence_number: int = 0


def unpack(answered: dict[str, Any]) -> list[Record]:
    """A record as boto3 gives it: itself, or what the Kinesis Producer Library packed into it."""
    number, arrival = answered["SequenceNumber"], answered["ApproximateArrivalTimestamp"]
    packed = user_records(answered["Data"])
    if packed is None:
        return [Record(answered["PartitionKey"], answered["Data"], number, arrival)]
    return [Record(record.partition_key, record.data, number, arrival, place) for place, record in enumerate(packed)]


def blocks(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records cut into what one task may carry: Spark refuses tasks of more than 128 MiB."""
    first = size = 0
    for at, record in enumerate(records):
        if at > first and (at - first >= BLOCK_ROWS or size + len(record.data) > BLOCK_BYTES):
            yield records[first:at]
            first, size = at, 0
        size += len(record.data)
    yield records[first:]


def to_batch(stream: str, shard: str, records: Sequence[Record]) -> pa.RecordBatch:
    """At least one record as a batch of the schema ARROW."""
    keys, data, numbers, arrivals, places = zip(*records, strict=True)
    columns = [keys, data, [stream] * len(keys), [shard] * len(keys), numbers, arrivals, places]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, ARROW, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW)


def to_bytes(batch: pa.RecordBatch) -> bytes:
    """The batch as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ARROW) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())
