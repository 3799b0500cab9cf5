"""Stage 2, tracks: positions to vessels, segments, port calls and voyages."""

from vesseltrack.tracks.anchorages import find_anchorages
from vesseltrack.tracks.build import Tracks, build_tracks, last_measured_us, notes_on, vessels_of
from vesseltrack.tracks.destinations import Destination, resolve_destination
from vesseltrack.tracks.following import Followed, Following, Memory
from vesseltrack.tracks.knowledge import SeaDistance
from vesseltrack.tracks.own import WayOfTrack, way_of_track
from vesseltrack.tracks.ports import listed_ports, named_anchorages

__all__ = [
    "Destination",
    "Followed",
    "Following",
    "Memory",
    "SeaDistance",
    "Tracks",
    "WayOfTrack",
    "build_tracks",
    "find_anchorages",
    "last_measured_us",
    "listed_ports",
    "named_anchorages",
    "notes_on",
    "resolve_destination",
    "vessels_of",
    "way_of_track",
]
