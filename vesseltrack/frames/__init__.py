"""The one door to geopandas and movingpandas: what researchers import."""

from vesseltrack.frames.comparing import compare_to_route
from vesseltrack.frames.geometry import geometries, moving_feature, write_geo_file
from vesseltrack.frames.own import AisData, detect, own_positions, read_ais
from vesseltrack.frames.research import ResearchStore, open_store

__all__ = [
    "AisData",
    "ResearchStore",
    "compare_to_route",
    "detect",
    "geometries",
    "moving_feature",
    "open_store",
    "own_positions",
    "read_ais",
    "write_geo_file",
]
