"""The order of the stages: archives into the store, and what is stored into events and leads.

The only package that knows all stages. It hands one stage what another made: shortest sea
distances to tracks, routes to voyages, everything to detect in slices of event time.
"""

from vesseltrack.engine.analysing import (
    RunSummary,
    analyse,
    discover_anchorages,
    find_events,
    run,
)
from vesseltrack.engine.comparing import RouteComparison, compare
from vesseltrack.engine.held import HeldVoyages, hold_against_routes
from vesseltrack.engine.ingesting import IngestOutcome, Reading, ingest_paths
from vesseltrack.engine.listening import Listened, Listener, Manner
from vesseltrack.engine.live import NOT_LIVE, LiveEngine
from vesseltrack.engine.passage import DetourLeg, Ship
from vesseltrack.engine.playing import Pace, play_paths
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.engine.replaying import Play, Replay
from vesseltrack.engine.slicing import slices
from vesseltrack.engine.voyages import bound_for, sea_distance_nm

__all__ = [
    "NOT_LIVE",
    "DetourLeg",
    "HeldVoyages",
    "IngestOutcome",
    "Listened",
    "Listener",
    "LiveEngine",
    "Manner",
    "Pace",
    "Play",
    "Progress",
    "Reading",
    "Replay",
    "RouteComparison",
    "RunSummary",
    "Ship",
    "analyse",
    "bound_for",
    "compare",
    "discover_anchorages",
    "find_events",
    "hold_against_routes",
    "ingest_paths",
    "play_paths",
    "run",
    "sea_distance_nm",
    "silent",
    "slices",
]
