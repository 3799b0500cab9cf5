"""AIS text made for tests, and sources that lie in memory."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest import SourceReport
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.source import Place, Source
from vesseltrack.ingest.tabular.layouts import LAYOUTS, header_of

FIXTURES = Path(__file__).parent.parent / "fixtures"

# Real sentences with decodes on which libais, gpsd and pyais agree: D003, D005, D002, D018.
CLASS_B = b"!AIVDM,1,1,,A,B3KWfJ0000LU2k`Vob:I9rP63P06,0*27"
CLASS_A = b"!AIVDM,1,1,,B,34RtK250000D7mfME9WdGDhvP>`<,0*1D"
STATIC = (
    b"!AIVDM,2,1,8,A,53Rab7800001=W?G7@04h85A8u=<00000000000T1@541t0005@000000000,0*59",
    b"!AIVDM,2,2,8,A,00000000001,2*2D",
)
BASE_STATION = b"!AIVDM,1,1,,A,402B4L1uubaN`1d:>REe@jA028Gh,0*6B"  # says 2015-06-21 09:30:40

DMA_HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,"
    "IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,"
    "Destination,ETA,Data source type,A,B,C,D"
)
DMA_ROW = (
    "02/03/2022 04:00:00,Class A,219123457,55.4725,11.123456,Under way using engine,0.7,10.1,90.0,"
    "91,9074729,OXXX,DEMO EXPRESS,Cargo,Category X,16,100,GPS,5.5,AARHUS,03/03/2022 12:30:00,AIS,"
    "80,20,8,8"
)
US_HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,"
    "Width,Draft,Cargo,TransceiverClass"
)
US_ROW = (
    "366123458,2023-01-11T00:00:00,43.07917,-70.75733,5.0,180.0,179,DEMO,IMO9074729,WDI9818,31,0,"
    "30,9,3.1,52,A"
)
NEW_US_HEADER = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,"
    "status,length,width,draft,cargo,transceiver"
)


def checked(body: bytes, start: bytes = b"!") -> bytes:
    """A sentence with its checksum, counted byte by byte."""
    total = 0
    for byte in body:
        total ^= byte
    return start + body + b"*%02X" % total


def tag(fields: bytes) -> bytes:
    return b"\\" + checked(fields, b"") + b"\\"


def sentences(bits: str, *, parts: int = 1, sequence: bytes = b"", channel: bytes = b"A"):
    """Bits, a string of 0 and 1, as VDM sentences."""
    fill = -len(bits) % 6
    padded = bits + "0" * fill
    values = [int(padded[i : i + 6], 2) for i in range(0, len(padded), 6)]
    payload = bytes(v + 48 if v < 40 else v + 56 for v in values)
    size = -(-len(payload) // parts)
    pieces = [payload[i * size : (i + 1) * size] for i in range(parts)]
    return [
        checked(
            b"AIVDM,%d,%d,%s,%s,%s,%d"
            % (parts, i + 1, sequence, channel, piece, fill if i + 1 == parts else 0)
        )
        for i, piece in enumerate(pieces)
    ]


def bits_of(*fields: tuple[int, int]) -> str:
    """Fields as (value, width), two's complement."""
    return "".join(f"{value & ((1 << width) - 1):0{width}b}" for value, width in fields)


def text_bits(text: str, n_characters: int) -> str:
    """Text in six bits a character, filled with @ as the standard says."""
    codes = [ord(c) - 64 if ord(c) >= 64 else ord(c) for c in text.ljust(n_characters, "@")]
    return bits_of(*((code, 6) for code in codes))


@dataclass(frozen=True)
class InMemory:
    """Bytes that lie in memory and arrive in pieces."""

    data: bytes
    piece_bytes: int = 1 << 16

    def stored(self):
        return iter([self.data])

    def chunks(self):
        n = self.piece_bytes
        return (self.data[i : i + n] for i in range(0, len(self.data), n))


def source_of(
    data: bytes, format_: str = "nmea", *, start=None, piece_bytes=1 << 16, config=None
) -> Source:
    """A source of a known format; a CSV begins with its header."""
    layout = LAYOUTS.get(format_)
    known = header_of(data.split(b"\n", 1)[0].strip(), layout) if layout else format_
    assert known is not None
    return Source(
        "memory",
        Place("-", start, config or IngestConfig()),
        stored=InMemory(data, piece_bytes),
        format=known,
    )


def read(data: bytes, format_: str = "nmea", **options) -> tuple[Batch, SourceReport]:
    """Every row of a source in one batch, and what became of its lines."""
    source = source_of(data, format_, **options)
    parts = list(source.batches())
    report = source.report
    assert report.lines == report.used + total(report.rejected) + total(report.ignored)
    assert sum(part.rejects.num_rows for part in parts) == total(report.rejected)
    whole = (
        pa.concat_tables([getattr(part, name) for part in parts])
        for name in ("received", "statics", "rejects")
    )
    return Batch(*whole), report


def lines(*given: bytes | str) -> bytes:
    """Lines with their ends."""
    return b"".join((x.encode() if isinstance(x, str) else x) + b"\n" for x in given)


def total(counts: dict[str, int]) -> int:
    return sum(counts.values())
