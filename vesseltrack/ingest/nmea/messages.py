"""Messages of a block as columns, in the order in which they are complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest import motion
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Floats, Ints, Words, set_columns
from vesseltrack.ingest.nmea.class_a import N_WORDS, NO_SECOND, placeless
from vesseltrack.ingest.nmea.packing import Bits
from vesseltrack.ingest.nmea.statics import ETA, NUMBERS, TEXTS, UNSAID, StaticReports
from vesseltrack.ingest.nmea.texts import codes_of
from vesseltrack.ingest.nmea.times import utc_us

MOTION: Final = ("lat", "lon", "sog", "cog", "heading", "rot_raw", "nav_status")
STATIC_TYPES: Final = (5, 19, 24)
_BASE_STATION: Final = 4

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message that was read by itself.

    `end` is the index of its last sentence, `number` the number of its first line, `line_us` the
    time of its lines [us], and `raw` the lines themselves.
    """

    end: int
    number: int
    line_us: int
    fields: Fields
    raw: tuple[bytes, ...] = ()


@dataclass
class Messages:
    """Messages, (n,) each.

    Attributes
    ----------
    number : int64
        Number of the line of the first sentence.
    time_us : int64
        Time of the lines, then that of the message [us].
    arrived_us : int64 or None
        When the last line of each arrived [us]; None for what did not come live.
    quality : int32
        Flags of `Quality` for the time.
    words : (3, n) uint64
        What position reports say, in the layout of class A; of others the type, the repeat
        indicator and the MMSI.
    told_us : int64
        Time that a base station tells [us].
    read : list of (rows, dict)
        Columns of `MOTION` that stand for what the words of some rows say; NaN for none.
    statics : list of StaticReports
        Of one kind each.
    """

    number: Ints
    time_us: Ints
    arrived_us: Ints | None = None
    quality: npt.NDArray[np.int32] = field(init=False)
    words: Words = field(init=False)
    told_us: Ints = field(init=False)
    read: list[tuple[Ints, dict[str, Floats]]] = field(init=False)
    statics: list[StaticReports] = field(init=False)

    def __post_init__(self) -> None:
        """Make room for the fields."""
        n = self.number.size
        self.quality = np.zeros(n, np.int32)
        self.words = np.empty((N_WORDS, n), np.uint64)
        self.told_us = np.full(n, UNKNOWN)
        self.read = []
        self.statics = []

    @property
    def type(self) -> Ints:
        """Message types, as transmitted."""
        return Bits(self.words).unsigned(0, 6)

    @property
    def mmsi(self) -> Ints:
        """MMSI, as transmitted."""
        return Bits(self.words).unsigned(8, 30)

    @property
    def second(self) -> Ints:
        """UTC second of a position report; 60 and more for none."""
        return Bits(self.words).unsigned(137, 6)

    def put_read(self, row: Ints, read: Sequence[Fields]) -> None:
        """Enter messages that were read one by one."""
        if not read:
            return
        heads = [(f["type"] << 42) | (f["repeat"] << 40) | (f["mmsi"] << 10) for f in read]
        seconds = [fields.get("second") for fields in read]
        second = np.array([NO_SECOND if s is None else s for s in seconds], np.int64)
        set_columns(self.words, row, placeless(np.array(heads, np.uint64), second))
        self.told_us[row] = [_told_us(fields) for fields in read]
        placed = [i for i, f in enumerate(read) if f["type"] in motion.POSITION_TYPES]
        if placed:
            columns = {
                name: np.array([read[i].get(name) for i in placed], np.float64) for name in MOTION
            }
            self.read.append((row[placed], columns))
        static = [i for i, f in enumerate(read) if f["type"] in STATIC_TYPES]
        if static:
            self.statics.append(_static_reports(row[static], [read[i] for i in static]))


def _told_us(fields: Fields) -> int:
    if fields["type"] != _BASE_STATION or None in fields["utc"]:
        return int(UNKNOWN)
    told_us = utc_us(*fields["utc"])
    return int(UNKNOWN) if told_us is None else told_us


def _static_reports(row: Ints, read: Sequence[Fields]) -> StaticReports:
    flat = [_flat(fields) for fields in read]
    return StaticReports(
        row,
        {
            name: codes_of([fields.get(name) for fields in flat], n_characters)
            for name, n_characters in TEXTS.items()
        },
        {
            name: np.array(
                [UNSAID if fields.get(name) is None else fields[name] for fields in flat], np.int64
            )
            for name in NUMBERS
        },
    )


def _flat(fields: Fields) -> dict[str, Any]:
    eta = fields.get("eta") or (None,) * len(ETA)
    draught = fields.get("draught")
    tenths = None if draught is None else round(draught * 10)
    return {**fields, **dict(zip(ETA, eta, strict=True)), "draught_tenths": tenths}
