"""Reports as lines of an archive's own format."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from math import isnan
from typing import Any, Final, Protocol

from vesseltrack.core.ship_types import ship_type_name
from vesseltrack.errors import InputError
from vesseltrack.ingest.encoding import position_sentences, static_sentences, tagged
from vesseltrack.planting.sailing import Heard, Ship
from vesseltrack.units import US_PER_S

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STATIC_EVERY_US: Final = 360 * US_PER_S  # ITU-R M.1371: every six minutes


class Writer(Protocol):
    """What turns reports into lines of a format."""

    def position(self, ship: Ship, report: dict[str, Any]) -> list[bytes]:
        """Return a position report as lines."""

    def static(self, ship: Ship, t_us: int) -> list[bytes]:
        """Return a static report as lines."""


def writer_for(format_: str, header: bytes | None) -> Writer:
    """Return the writer for an archive.

    Parameters
    ----------
    format_ : str
        Its format.
    header : bytes or None
        The first line of a table.

    Raises
    ------
    InputError
        If nothing can be written in that format.
    """
    if format_ == "nmea":
        return NmeaWriter()
    if format_ == "dma" and header is not None:
        return DmaWriter(header)
    msg = f"planting writes nmea and dma; got an archive of format {format_}"
    raise InputError(msg)


def lines_of(reports: Heard, writer: Writer) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a vessel, each with its time [us]; static reports every six minutes."""
    due_us = 0
    names = ("t_us", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
    columns = (getattr(reports, name).tolist() for name in names)
    for values in zip(*columns, strict=True):
        t_us = values[0]
        if t_us >= due_us:
            for line in writer.static(reports.ship, t_us):
                yield t_us, line
            due_us = t_us + _STATIC_EVERY_US
        report = {"mmsi": reports.ship.mmsi, **dict(zip(names, values, strict=True))}
        for line in writer.position(reports.ship, report):
            yield t_us, line


class NmeaWriter:
    """Sentences with their time in a tag block."""

    def position(self, ship: Ship, report: dict[str, Any]) -> list[bytes]:
        """Return type 1 or 18."""
        sentences = position_sentences(report, is_class_a=ship.is_class_a)
        return tagged(sentences, report["t_us"])

    def static(self, ship: Ship, t_us: int) -> list[bytes]:
        """Return type 5 or 24."""
        static = {
            "mmsi": ship.mmsi,
            "name": ship.name,
            "ship_type": ship.ship_type,
            "length_m": ship.length_m,
            "beam_m": ship.beam_m,
            "destination": ship.destination,
        }
        return tagged(static_sentences(static, is_class_a=ship.is_class_a), t_us)


class DmaWriter:
    """Rows of the Danish Maritime Authority, with the columns that an archive has."""

    def __init__(self, header: bytes) -> None:
        self._columns = next(csv.reader([header.decode("utf-8", "replace")]))

    def position(self, ship: Ship, report: dict[str, Any]) -> list[bytes]:
        """Return one row: a position with the static columns, as the archives have them."""
        values = {
            **self._who(ship, report["t_us"]),
            "Latitude": f"{report['lat']:.6f}",
            "Longitude": f"{report['lon']:.6f}",
            "Navigational status": "Under way using engine",
            "SOG": f"{report['sog_kn']:.1f}",
            "COG": f"{report['cog_deg']:.1f}",
            "Heading": "" if isnan(report["heading_deg"]) else f"{report['heading_deg']:.0f}",
        }
        return [self._row(values)]

    def static(self, ship: Ship, t_us: int) -> list[bytes]:
        """Return one row at latitude 91, longitude 0."""
        return [self._row({**self._who(ship, t_us), "Latitude": "91", "Longitude": "0"})]

    def _who(self, ship: Ship, t_us: int) -> dict[str, str]:
        instant = _EPOCH + dt.timedelta(microseconds=t_us)
        return {
            "Timestamp": f"{instant:%d/%m/%Y %H:%M:%S}",
            "Type of mobile": "Class A" if ship.is_class_a else "Class B",
            "MMSI": str(ship.mmsi),
            "Name": ship.name,
            "Ship type": _dma_type(ship.ship_type),
            "Width": str(ship.beam_m),
            "Length": str(ship.length_m),
            "Destination": ship.destination,
            "Data source type": "AIS",
            "A": str(ship.length_m // 2),
            "B": str(ship.length_m - ship.length_m // 2),
            "C": str(ship.beam_m // 2),
            "D": str(ship.beam_m - ship.beam_m // 2),
        }

    def _row(self, values: dict[str, str]) -> bytes:
        text = io.StringIO()
        row = [values.get(name.lstrip("# "), "") for name in self._columns]
        csv.writer(text, lineterminator="").writerow(row)
        return text.getvalue().encode("utf-8")


def _dma_type(code: int) -> str:
    """Return a ship type in the words of the archives."""
    return (ship_type_name(code) or "Undefined").split(",", maxsplit=1)[0]
