"""The format of a source, told by its first lines and never by its name."""

import re
from typing import Final

from vesseltrack.errors import FormatError
from vesseltrack.ingest.account import escaped
from vesseltrack.ingest.segments import SEGMENTS, is_segment_line
from vesseltrack.ingest.tabular.layouts import LAYOUTS, Header, header_of
from vesseltrack.ingest.text import BLANK

NMEA: Final = "nmea"
AUTO: Final = "auto"
FORMATS: Final = (AUTO, NMEA, *LAYOUTS, SEGMENTS)
EXPECTED: Final = (
    "expected NMEA sentences (!AIVDM,...), a DMA CSV (# Timestamp,Type of mobile,MMSI,...), "
    "a MarineCadastre CSV (MMSI,BaseDateTime,LAT,LON,...) "
    'or JSON lines of Global Fishing Watch ({"ssvid": ...)'
)
_AIS_SENTENCE: Final = re.compile(rb"[!$][^,*!$\\\n]{2}VD[MO],")
_SHOWN_BYTES: Final = 24


def sniffed(head: bytes, wanted: str) -> str | Header:
    """Return the format of a text: its word, or the header of a CSV layout.

    Parameters
    ----------
    head : bytes
        The beginning of the text, not blank.
    wanted : str
        The format it was said to have, or "auto".

    Raises
    ------
    FormatError
        If the text has no format that we read, or not the one wanted.
    """
    if wanted not in FORMATS:
        msg = f"format must be one of {', '.join(FORMATS)}; got {wanted}"
        raise FormatError(msg)
    if wanted == NMEA:
        return NMEA
    first_line = head.lstrip(BLANK + b"\n").split(b"\n", 1)[0].strip(BLANK)
    for name, layout in LAYOUTS.items():
        if wanted in (AUTO, name) and (header := header_of(first_line, layout)):
            return header
    if wanted in (AUTO, SEGMENTS) and is_segment_line(first_line):
        return SEGMENTS
    if wanted == AUTO and _AIS_SENTENCE.search(head):
        return NMEA
    begins = escaped(first_line[:_SHOWN_BYTES])
    if wanted == AUTO:
        msg = f"is not AIS: {EXPECTED}; it begins with '{begins}'"
    else:
        msg = f"has no header of format {wanted}: {EXPECTED}; it begins with '{begins}'"
    raise FormatError(msg)
