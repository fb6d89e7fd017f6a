"""What a run has read, sent and had acknowledged."""

from collections.abc import Mapping, Sequence

from emulator.checkpoint import Standing
from emulator.door import Placement, Record
from emulator.journal import Journal
from emulator.lanes import Batch
from emulator.orders import Event, Mark


class Ledger:
    """Keeps a replay's standing right: a table's mark never passes a row that is not acknowledged.

    Batches are acknowledged in any order. Each remembers the mark before its first row, so the earliest opened of
    those still under way tells how far everything is acknowledged.
    """

    def __init__(self, standing: Standing, targets: Mapping[str, str], journal: Journal) -> None:
        self.rows_acknowledged = 0
        self._offsets = standing.offsets
        self._targets = targets
        self._journal = journal
        self._read = {table: standing.marks.get(table, Mark()) for table in targets}
        self._rows_read = {table: mark.rows for table, mark in self._read.items()}
        self._under_way: dict[str, dict[Batch, None]] = {table: {} for table in targets}  # in the order of opening

    def read(self, event: Event) -> Mark:
        """Take note of a row read; the mark before it."""
        table, before = event.entity.name, self._read[event.entity.name]
        self._rows_read[table] += 1
        if event.row.position != before.position:
            self._read[table] = Mark(self._rows_read[table], event.row.position)
        return before

    def opened(self, batch: Batch) -> None:
        """Take note of a batch that is about to be filled and sent."""
        self._under_way[batch.table][batch] = None

    def acknowledged(self, batch: Batch, placements: list[Placement], refused: Sequence[Record] = ()) -> None:
        """Take note of a batch that Kafka or Kinesis has stored, but for what it has refused; `placements`: of Kafka's
        records."""
        target = self._targets[batch.table]
        aside = {id(record) for record in refused}
        self._journal.append(target, [record.key for record in batch.records if id(record) not in aside])
        behind = self._offsets.setdefault(target, {})
        for partition, offset in placements:
            behind[partition] = max(behind.get(partition, 0), offset + 1)
        del self._under_way[batch.table][batch]
        self.rows_acknowledged += len(batch.records) - len(refused)

    def standing(self) -> Standing:
        """What a replay that goes on from here may rely on."""
        self._journal.sync()
        return Standing(
            {
                table: next((batch.before for batch in self._under_way[table]), self._read[table])
                for table in self._read
            },
            self._offsets,
        )
