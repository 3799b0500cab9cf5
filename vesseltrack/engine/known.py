"""Which stored source a file is, as it was or grown since, and how it is landed from there."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from vesseltrack import ingest
from vesseltrack.schema import Checkpoint
from vesseltrack.store import Store

About = dict[str, Any]


class KnownSources:
    """What the checkpoints of a store tell its sources by, kept in step while it is written."""

    def __init__(self, store: Store) -> None:
        """Read what the store knows."""
        self._store = store
        self._about: dict[int, About] = dict(store.known_sources())

    def find(self, source: ingest.Source) -> tuple[int, Checkpoint | None]:
        """Return the number of a source, and where it is read on from if it was read before.

        A source goes on under the number it has: what it was then is the beginning of what it is
        now, byte by byte. Of several such the longest counts.
        """
        prefixes = source.prefixes({about.get("size_bytes", 0) for about in self._about.values()})
        begun = [
            (about["size_bytes"], source_id)
            for source_id, about in self._about.items()
            if source.is_begun_by(about, prefixes)
        ]
        for _, source_id in sorted(begun, reverse=True):
            checkpoint = self._store.checkpoint(source_id)
            # What is looked at first is not held against its hash.
            if checkpoint is not None and source.is_begun_by(checkpoint.about, prefixes):
                return source_id, checkpoint
        return source.source_id, None

    def is_stored(self, source: ingest.Source, number: int, checkpoint: Checkpoint | None) -> bool:
        """Return whether all of a source is in the store.

        One that was cut short is looked at again, as another limit may let more of it be read.
        """
        row = self._store.source(number)
        if row is None:
            return False
        if checkpoint is None:
            return True  # the beginning of one that has grown, or of a store without checkpoints
        return (row["status"], row["content_hash"]) == ("complete", source.content_hash)

    def land(self, source: ingest.Source, number: int) -> Iterator[int]:
        """Land the batches of a source, each with its checkpoint; yield the rows of each."""
        for n, batch in enumerate(source.batches(), self._store.next_batch(number)):
            self._store.land(number, n, *batch.tables(), batch.checkpoint)
            if batch.checkpoint is not None:
                self._about[number] = dict(batch.checkpoint.about)
            yield batch.received.num_rows

    def take_back_end(self, number: int, checkpoint: Checkpoint) -> None:
        """Take back what the end of the data made of the last lines, which are read again."""
        rest = checkpoint.about.get("rest")
        if rest and rest["lines"]:
            days = [None if day is None else dt.date.fromisoformat(day) for day in rest["days"]]
            self._store.take_back(number, rest["lines"], days)
