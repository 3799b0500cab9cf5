"""Messages of a block as columns, in the order in which they are complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest import motion
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Floats, Ints
from vesseltrack.ingest.nmea.times import utc_us

MOTION: Final = ("lat", "lon", "sog", "cog", "heading", "rot_raw", "nav_status")
STATIC_TYPES: Final = (5, 19, 24)
TEXTS: Final = ("name", "callsign", "destination")
EXTENTS: Final = ("to_bow", "to_stern", "to_port", "to_starboard")
ETA: Final = ("month", "day", "hour", "minute")
NUMBERS: Final = ("imo", "ship_type", *EXTENTS, *ETA, "draught_tenths", "mothership_mmsi")
NO_SECOND: Final = 60
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
    type, repeat, mmsi : int64
        As transmitted.
    second : int64
        UTC second of a position report; 60 and more for none.
    told_us : int64
        Time that a base station tells [us].
    motion : dict
        The columns of `MOTION`; NaN where a message has none.
    statics : list of dict
        Static reports of one kind each: "row", and columns of `TEXTS` and `NUMBERS`.
    """

    number: Ints
    time_us: Ints
    arrived_us: Ints | None = None
    quality: npt.NDArray[np.int32] = field(init=False)
    type: Ints = field(init=False)
    repeat: Ints = field(init=False)
    mmsi: Ints = field(init=False)
    second: Ints = field(init=False)
    told_us: Ints = field(init=False)
    motion: dict[str, Floats] = field(init=False)
    statics: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Make room for the fields."""
        n = self.number.size
        self.quality = np.zeros(n, np.int32)
        self.type, self.repeat, self.mmsi = (np.zeros(n, np.int64) for _ in range(3))
        self.second = np.full(n, NO_SECOND)
        self.told_us = np.full(n, UNKNOWN)
        self.motion = {name: np.full(n, np.nan) for name in MOTION}
        self.statics = []

    def put_motion(self, row: Ints, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        """Enter place, motion and second of some messages."""
        for name, values in columns.items():
            (self.second if name == "second" else self.motion[name])[row] = values

    def put_read(self, row: Ints, read: Sequence[Fields]) -> None:
        """Enter messages that were read one by one."""
        if not read:
            return
        for name in ("type", "repeat", "mmsi"):
            getattr(self, name)[row] = [fields[name] for fields in read]
        seconds = [fields.get("second") for fields in read]
        self.second[row] = [NO_SECOND if s is None else s for s in seconds]
        self.told_us[row] = [_told_us(fields) for fields in read]
        placed = [i for i, f in enumerate(read) if f["type"] in motion.POSITION_TYPES]
        for name in MOTION:
            self.motion[name][row[placed]] = np.array(
                [read[i].get(name) for i in placed], np.float64
            )
        static = [i for i, f in enumerate(read) if f["type"] in STATIC_TYPES]
        if static:
            self.statics.append({"row": row[static], **_static_columns([read[i] for i in static])})


def _told_us(fields: Fields) -> int:
    if fields["type"] != _BASE_STATION or None in fields["utc"]:
        return int(UNKNOWN)
    told_us = utc_us(*fields["utc"])
    return int(UNKNOWN) if told_us is None else told_us


def _static_columns(read: Sequence[Fields]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: pa.array([fields.get(name) or None for fields in read], pa.string())
        for name in TEXTS
    }
    flat = [_flat(fields) for fields in read]
    for name in NUMBERS:
        columns[name] = np.array([fields.get(name) for fields in flat], np.float64)
    return columns


def _flat(fields: Fields) -> dict[str, Any]:
    eta = fields.get("eta") or (None,) * len(ETA)
    draught = fields.get("draught")
    tenths = None if draught is None else round(draught * 10)
    return {**fields, **dict(zip(ETA, eta, strict=True)), "draught_tenths": tenths}
