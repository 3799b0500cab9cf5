"""The CSV layouts that are read, known by the names in their header."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vesseltrack.ingest.tabular import words
from vesseltrack.ingest.tabular.records import split_row

DYNAMIC: Final = (
    *("time", "mobile", "mmsi", "lat", "lon", "nav_status", "rot", "sog", "cog", "heading"),
)
STATIC: Final = (
    *("imo", "callsign", "name", "ship_type", "cargo", "width", "length", "draught"),
    *("destination", "eta", "to_bow", "to_stern", "to_port", "to_starboard"),
)
_REQUIRED: Final = ("time", "mmsi", "lat", "lon")


@dataclass(frozen=True)
class Layout:
    """One published layout: names of its columns, and how its times and words read."""

    format: str
    columns: Mapping[str, tuple[str, ...]]  # ours -> theirs, without case, blanks and # _
    required: tuple[str, ...]
    time: str
    eta: str | None
    ship_type: Callable[[str], int | None]


DMA: Final = Layout(
    format="dma",
    columns={
        "time": ("timestamp",),
        "mobile": ("typeofmobile",),
        "mmsi": ("mmsi",),
        "lat": ("latitude",),
        "lon": ("longitude",),
        "nav_status": ("navigationalstatus",),
        "rot": ("rot",),
        "sog": ("sog",),
        "cog": ("cog",),
        "heading": ("heading",),
        "imo": ("imo",),
        "callsign": ("callsign",),
        "name": ("name",),
        "ship_type": ("shiptype",),
        "cargo": ("cargotype",),
        "width": ("width",),
        "length": ("length",),
        "draught": ("draught",),
        "destination": ("destination",),
        "eta": ("eta",),
        "to_bow": ("a",),
        "to_stern": ("b",),
        "to_port": ("c",),
        "to_starboard": ("d",),
    },
    required=(*_REQUIRED, "mobile"),
    time="DD/MM/YYYY hh:mm:ss",
    eta="DD/MM/YYYY hh:mm:ss",
    ship_type=words.ship_type_of_words,
)
MARINECADASTRE: Final = Layout(
    format="marinecadastre",
    columns={
        "time": ("basedatetime",),
        "mobile": ("transceiverclass", "transcieverclass", "transceiver"),
        "mmsi": ("mmsi",),
        "lat": ("lat", "latitude"),
        "lon": ("lon", "longitude"),
        "nav_status": ("status",),
        "sog": ("sog",),
        "cog": ("cog",),
        "heading": ("heading",),
        "imo": ("imo",),
        "callsign": ("callsign",),
        "name": ("vesselname",),
        "ship_type": ("vesseltype",),
        "width": ("width",),
        "length": ("length",),
        "draught": ("draft",),
    },
    required=_REQUIRED,
    time="YYYY-MM-DD.hh:mm:ss",  # T until 2024, a blank since
    eta=None,
    ship_type=words.ship_type_of_number,
)
LAYOUTS: Final = {layout.format: layout for layout in (DMA, MARINECADASTRE)}


@dataclass(frozen=True)
class Header:
    """A header line bound to a layout: which column stands where."""

    layout: Layout
    line: bytes
    names: tuple[str, ...]  # one for each column, ours where we read it

    @property
    def wanted(self) -> list[str]:
        """The columns that are read."""
        return [name for name in self.names if name in (*DYNAMIC, *STATIC)]


def header_of(line: bytes, layout: Layout) -> Header | None:
    """Return a line as the header of a layout; None if a required column is missing."""
    theirs = {name: ours for ours, names in layout.columns.items() for name in names}
    ours = [theirs.get(_plain(field)) for field in split_row(line)]
    if not set(layout.required) <= set(ours):
        return None
    seen: set[str] = set()
    names = []
    for place, name in enumerate(ours):
        is_ours = name is not None and name not in seen
        names.append(str(name) if is_ours else f"other {place}")
        seen.add(names[-1])
    return Header(layout, line, tuple(names))


def _plain(field: str) -> str:
    return "".join(c for c in field.lower() if c not in "# _\t")
