"""Bytes of public AIS archives to positions, static reports and rejected lines.

Nothing is lost in silence: every non-empty line of a source is used, rejected with a reason, or
ignored with a reason, and the three add up.
"""

from vesseltrack.ingest.account import SourceReport, escaped, report_document, unescaped
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.decoding import Decoding, decode, message_fields, original_lines
from vesseltrack.ingest.opening import open_sources
from vesseltrack.ingest.sniff import FORMATS
from vesseltrack.ingest.source import Source

__all__ = [
    "FORMATS",
    "Batch",
    "Decoding",
    "Source",
    "SourceReport",
    "decode",
    "escaped",
    "message_fields",
    "open_sources",
    "original_lines",
    "report_document",
    "unescaped",
]
