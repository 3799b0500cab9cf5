"""The shipped ports and anchorages, and which of them lie near a place."""

import functools
import gzip
import importlib.resources
import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from scipy.spatial import cKDTree

from vesseltrack import schema, sea
from vesseltrack.config.tracks import PortCallConfig
from vesseltrack.core.geodesy import Floats, chord_of_m, m_of_chord, unit_xyz
from vesseltrack.core.near import Nearest
from vesseltrack.core.runs import Ints

Names = npt.NDArray[np.str_]

_PORTS_FILE: Final = "ports.csv.gz"
_ANCHORAGES_FILE: Final = "anchorages.csv.gz"


@functools.cache
def listed_ports() -> pa.Table:
    """Return the shipped port list as a PORTS table, in key order."""
    types = {column.name: column.type for column in schema.PORTS.columns}
    table = _read_csv(_PORTS_FILE, types)
    ports = schema.PORTS.of({name: table[name] for name in schema.PORTS.names})
    return ports.sort_by([(name, "ascending") for name in schema.PORTS.key])


@functools.cache
def named_anchorages() -> tuple[Floats, Floats, Names]:
    """Return latitudes and longitudes [deg] and names of the shipped anchorages, each (n,)."""
    types = {"lat": pa.float64(), "lon": pa.float64(), "label": pa.string()}
    table = _read_csv(_ANCHORAGES_FILE, types)
    return (
        table["lat"].to_numpy(),
        table["lon"].to_numpy(),
        np.array(table["label"].to_pylist(), dtype=np.str_),
    )


def _read_csv(name: str, types: dict[str, pa.DataType]) -> pa.Table:
    packed = importlib.resources.files("vesseltrack").joinpath("data", name).read_bytes()
    return pyarrow.csv.read_csv(
        io.BytesIO(gzip.decompress(packed)),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


@dataclass(frozen=True)
class Harbours:
    """The ports and anchorages with their neighbour trees; ports by their row in the list."""

    lat: Floats
    lon: Floats
    names: tuple[str, ...]
    locodes: tuple[str | None, ...]
    large: Ints  # rows of the large ports
    ports: Any  # neighbour trees on unit vectors
    large_ports: Any
    anchorages: Any  # every named one
    anchorage_lat: Floats
    anchorage_lon: Floats
    anchorage_names: tuple[str, ...]
    call_anchorages: Any  # those where a stop is a call

    @functools.cached_property
    def _near_ports(self) -> Nearest:
        return Nearest(np.asarray(self.ports.data), self.ports)

    @functools.cached_property
    def _near_anchorages(self) -> Nearest:
        return Nearest(np.asarray(self.anchorages.data), self.anchorages)

    def around_m(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Return the distances from places [deg] to the nearest port and anchorage, (n,) [m]."""
        xyz = unit_xyz(lat, lon)
        port_m, anchorage_m = (
            m_of_chord(near.chord(xyz, near.of(lat, lon, xyz).nearest))
            for near in (self._near_ports, self._near_anchorages)
        )
        return port_m, anchorage_m

    def nearest_port(self, xyz: Floats) -> tuple[Floats, Ints]:
        """Return the distance [m] to the nearest port of each unit vector, and its row."""
        chord, row = self.ports.query(xyz)
        return m_of_chord(chord), np.asarray(row, dtype=np.int64)

    def nearest_large_port(self, xyz: Floats) -> tuple[Floats, Ints]:
        """Return the distance [m] to the nearest large port of each vector, and its row."""
        chord, row = self.large_ports.query(xyz)
        return m_of_chord(chord), self.large[row]

    def nearest_anchorage(self, xyz: Floats) -> tuple[Floats, Ints]:
        """Return the distance [m] to the nearest anchorage of each unit vector, and its row."""
        chord, row = self.anchorages.query(xyz)
        return m_of_chord(chord), np.asarray(row, dtype=np.int64)

    def anchorage_m(self, xyz: Floats) -> Floats:
        """Return the distance to the nearest named anchorage of each unit vector [m]."""
        return m_of_chord(self.anchorages.query(xyz)[0])

    def call_anchorage_m(self, xyz: Floats) -> Floats:
        """Return the distance to the nearest anchorage where a stop is a call [m]."""
        return m_of_chord(self.call_anchorages.query(xyz)[0])

    def distance_m(self, row: int, xyz: Floats) -> float:
        """Return the distance of one port from one unit vector [m]."""
        return float(m_of_chord(np.linalg.norm(unit_xyz(self.lat[row], self.lon[row]) - xyz)))


@functools.cache
def harbours(near_shore_m: float, port_area_m: float) -> Harbours:
    """Return the shipped ports and anchorages, indexed; see `indexed`."""
    return indexed(named_anchorages(), near_shore_m, port_area_m)


def indexed(
    anchorages: tuple[Floats, Floats, Names], near_shore_m: float, port_area_m: float
) -> Harbours:
    """Return the shipped ports and some anchorages, indexed.

    Parameters
    ----------
    anchorages : (n,), (n,), (n,)
        Latitudes and longitudes [deg] and names.
    near_shore_m, port_area_m : float
        An anchorage counts for calls when it lies this near to a shore or to a port [m].
    """
    table = listed_ports()
    lat, lon = table["lat"].to_numpy(), table["lon"].to_numpy()
    large = np.flatnonzero(table["is_large"].to_numpy())
    ports = _tree(unit_xyz(lat, lon))
    anchorage_lat, anchorage_lon, anchorage_names = anchorages
    anchorage_xyz = unit_xyz(anchorage_lat, anchorage_lon)
    counts = ports.query(anchorage_xyz)[0] <= chord_of_m(port_area_m)
    remote = np.flatnonzero(~counts)
    shore_m = sea.shore_distance_m(anchorage_lat[remote], anchorage_lon[remote])
    counts[remote] = shore_m <= near_shore_m
    return Harbours(
        lat=lat,
        lon=lon,
        names=tuple(table["name"].to_pylist()),
        locodes=tuple(table["locode"].to_pylist()),
        large=large,
        ports=ports,
        large_ports=_tree(unit_xyz(lat[large], lon[large])),
        anchorages=_tree(anchorage_xyz),
        anchorage_lat=anchorage_lat,
        anchorage_lon=anchorage_lon,
        anchorage_names=tuple(anchorage_names.tolist()),
        call_anchorages=_tree(anchorage_xyz[counts]),
    )


def harbours_for(config: PortCallConfig, discovered: pa.Table | None = None) -> Harbours:
    """Return the shipped ports and anchorages, indexed as the settings say.

    Parameters
    ----------
    config : PortCallConfig
        Settings.
    discovered : pyarrow.Table, optional
        ANCHORAGES found in the data, beside the shipped ones.
    """
    if discovered is None or discovered.num_rows == 0:
        return harbours(config.near_shore_m, config.port_area_m)
    own = (
        discovered["lat"].to_numpy(),
        discovered["lon"].to_numpy(),
        np.array(discovered["anchorage_id"].to_pylist(), dtype=np.str_),
    )
    both = tuple(np.concatenate(pair) for pair in zip(named_anchorages(), own, strict=True))
    return indexed((both[0], both[1], both[2]), config.near_shore_m, config.port_area_m)


def _tree(xyz: Floats) -> Any:  # noqa: ANN401 - scipy ships no types
    # Unbalanced trees are built twice as fast and searched as fast.
    return cKDTree(xyz, balanced_tree=False)
