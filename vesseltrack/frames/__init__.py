"""The one door to geopandas and movingpandas: what researchers import."""

from vesseltrack.frames.geometry import geometries, moving_feature, write_geo_file
from vesseltrack.frames.own import AisData, detect, read_ais
from vesseltrack.frames.research import ResearchStore, open_store

__all__ = [
    "AisData",
    "ResearchStore",
    "detect",
    "geometries",
    "moving_feature",
    "open_store",
    "read_ais",
    "write_geo_file",
]
