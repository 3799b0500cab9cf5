"""Tag blocks of NMEA 4.10: what the receiver says about a sentence, used only if it checks."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from vesseltrack.ingest.nmea.checksum import is_right
from vesseltrack.ingest.nmea.times import epoch_us
from vesseltrack.ingest.saved import of_text, to_text

_CHECKSUM_DIGITS: Final = 2
_MAX_GROUPS: Final = 1000
_MAX_REMEMBERED_BYTES: Final = 128  # of a group's number and source; real ones have 25 at most


@dataclass(frozen=True)
class TagBlock:
    """Source (`s:`), receive time (`c:`) and group number (`g:`) of a sentence; None if absent."""

    source: bytes | None = None
    time_us: int | None = None
    group: bytes | None = None

    def over(self, other: "TagBlock") -> "TagBlock":
        """Return what this one says, and the other where this one is silent."""
        if other is EMPTY:
            return self
        return TagBlock(
            other.source if self.source is None else self.source,
            other.time_us if self.time_us is None else self.time_us,
            other.group if self.group is None else self.group,
        )


EMPTY: Final = TagBlock()


def tag_of(prefix: bytes) -> TagBlock:
    """Return what the tag blocks in the bytes before a sentence say.

    A block with a wrong checksum says nothing; of two blocks the later one holds.
    """
    tag = EMPTY
    for text in prefix.split(b"\\")[1:-1]:
        tag = _parsed(text).over(tag)
    return tag


@lru_cache(maxsize=4096)  # receivers repeat a block for every sentence of a second
def _parsed(text: bytes) -> TagBlock:
    body, star, written = text.rpartition(b"*")
    if not star or len(written) != _CHECKSUM_DIGITS or not is_right(body, written):
        return EMPTY
    fields = dict(field.split(b":", 1) for field in body.split(b",") if b":" in field)
    parts = fields.get(b"g", b"").split(b"-")
    return TagBlock(
        source=fields.get(b"s"),
        time_us=epoch_us(fields.get(b"c", b"")),
        group=(parts[-1] or None) if len(parts) == 3 else None,  # noqa: PLR2004 - part-parts-group
    )


class Groups:
    """Sentences of one group share source and time, which only the first of them carries."""

    def __init__(self) -> None:
        """Start with no group known."""
        self._first: OrderedDict[bytes, TagBlock] = OrderedDict()

    def state(self) -> list[list[Any]]:
        """Return what the first ones said, the group least recently told first."""
        return [
            [of_text(group), of_text(first.source), first.time_us]
            for group, first in self._first.items()
        ]

    def restore(self, state: list[list[Any]]) -> None:
        """Go on with what `state` returned."""
        for name, source, time_us in state:
            group = to_text(name)
            assert group is not None
            self._first[group] = TagBlock(to_text(source), time_us, group)

    def complete(self, tag: TagBlock) -> TagBlock:
        """Return a tag block with what the first one of its group said."""
        if tag.group is None:
            return tag
        if tag.source is not None or tag.time_us is not None:
            if len(tag.group) + len(tag.source or b"") > _MAX_REMEMBERED_BYTES:
                return tag
            self._first[tag.group] = tag
            self._first.move_to_end(tag.group)
            if len(self._first) > _MAX_GROUPS:
                self._first.popitem(last=False)
            return tag
        first = self._first.get(tag.group, EMPTY)
        return replace(tag, source=first.source, time_us=first.time_us)
