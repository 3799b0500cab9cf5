"""The archive that is planted into: its lines, its span of time, and its room at sea."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.spatial import cKDTree

from vesseltrack import ingest, schema, sea, store, tracks
from vesseltrack.config import Config
from vesseltrack.core.geodesy import m_of_chord, unit_xyz
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.errors import InputError
from vesseltrack.planting.sailing import NOISE_S, Way
from vesseltrack.units import E6, US_PER_HOUR, nm_to_m

Floats = npt.NDArray[np.float64]

_TRIES: Final = 400
_STRAY_NM: Final = 40.0  # how far from its own traffic the archive is planted into
_FIRST_MMSI: Final = 219_900_000
_N_MMSI: Final = 90_000


@dataclass(frozen=True)
class Room:
    """What a behaviour needs around it."""

    min_shore_nm: float
    min_port_nm: float


class Host:
    """An archive as far as planting needs to know it."""

    def __init__(
        self, source: ingest.Source, rng: np.random.Generator, *, is_hard: bool = False
    ) -> None:
        received = [schema.RECEIVED.empty(), *(batch.received for batch in source.batches())]
        table = pa.concat_tables(received)
        table = table.filter(table["timestamp"].is_valid())
        if table.num_rows == 0:
            msg = f"{source.name} has no position with a time: nothing can be planted into it"
            raise InputError(msg)
        self.source = source
        self.is_hard = is_hard  # nothing is chosen in favour of who is to find it
        self.t_us: Ints = table["timestamp"].cast(pa.int64()).to_numpy()
        self.mmsi: Ints = table["mmsi"].to_numpy().astype(np.int64)
        self.line: Ints = table["line"].to_numpy().astype(np.int64)
        self.lat: Floats = table["lat_e6"].to_numpy() / E6
        self.lon: Floats = table["lon_e6"].to_numpy() / E6
        self.start_us, self.end_us = int(self.t_us.min()), int(self.t_us.max())
        # The only vessel that sends under its number, of each report; 0: none, or one of several.
        self._sole = _sole_vessels(table)
        self._rng = rng
        numbers: list[int] = rng.permutation(np.arange(_N_MMSI) + _FIRST_MMSI).tolist()
        self._free = iter(numbers)
        self._taken = set(self.mmsi.tolist())
        self._claimed: set[int] = set()
        ports = tracks.listed_ports()
        anchorages = tracks.named_anchorages()
        self._havens = cKDTree(
            unit_xyz(
                np.concatenate((ports["lat"].to_numpy(), anchorages[0])),
                np.concatenate((ports["lon"].to_numpy(), anchorages[1])),
            )
        )

    @property
    def noise_s(self) -> float:
        """Over how long the errors of added receivers change [s]."""
        return 0.0 if self.is_hard else NOISE_S

    def new_mmsi(self) -> int:
        """Return an MMSI that nobody in the archive has."""
        return next(mmsi for mmsi in self._free if mmsi not in self._taken)

    def claim(self, mmsi: int) -> bool:
        """Return whether nothing is planted on a vessel of the archive yet; now it is."""
        is_free = mmsi not in self._claimed
        self._claimed.add(mmsi)
        return is_free

    def last_row(self, mmsi: int, t_us: int) -> int:
        """Return the row of a host's last report up to a time."""
        rows = self._rows_of_host(mmsi)
        return int(rows[np.searchsorted(self.t_us[rows], t_us, side="right") - 1])

    def a_time(self, needs_h: float, ends_late_h: float | None = None) -> int:
        """Return a random time that leaves so many hours of the archive after it [us].

        No more than `ends_late_h` besides them, if that is given.
        """
        latest_us = max(self.start_us, self.end_us - round(needs_h * US_PER_HOUR))
        earliest_us = self.start_us
        if ends_late_h is not None:
            earliest_us = max(earliest_us, latest_us - round(ends_late_h * US_PER_HOUR))
        return int(self._rng.integers(earliest_us, latest_us + 1))

    def a_place(self, room: Room) -> tuple[float, float]:
        """Return a random place at sea, near the archive's own traffic [deg].

        Raises
        ------
        InputError
            If there is no such place near any of it.
        """
        for _ in range(_TRIES):
            row = int(self._rng.integers(self.lat.size))
            reach = self._rng.uniform(0, _STRAY_NM) / 60
            angle = self._rng.uniform(0, 2 * np.pi)
            lat = float(np.clip(self.lat[row] + reach * np.cos(angle), -75, 75))
            lon = float(self.lon[row] + reach * np.sin(angle) / np.cos(np.radians(lat)))
            lon = (lon + 180) % 360 - 180
            if self.has_room(np.array([lat]), np.array([lon]), room):
                return lat, lon
        msg = (
            f"{self.source.name}: no place {room.min_shore_nm:g} nm from shore and "
            f"{room.min_port_nm:g} nm from ports near its traffic"
        )
        raise InputError(msg)

    def has_room(self, lat: Floats, lon: Floats, room: Room) -> bool:
        """Return whether all of some places keep so clear of shore and ports."""
        if not (sea.shore_distance_m(lat, lon) > nm_to_m(room.min_shore_nm)).all():
            return False
        chord, _ = self._havens.query(unit_xyz(lat, lon))
        return bool((m_of_chord(chord) > nm_to_m(room.min_port_nm)).all())

    def keeps_to_sea(self, way: Way) -> bool:
        """Return whether a way touches no land."""
        lat, lon = way.lat[:: max(1, way.lat.size // 200)], way.lon[:: max(1, way.lat.size // 200)]
        return not sea.crosses_land(lat[:-1], lon[:-1], lat[1:], lon[1:]).any()

    def rows_of(self, mmsi: int) -> Ints:
        """Return the rows of one MMSI by time."""
        rows = np.flatnonzero(self.mmsi == mmsi)
        return rows[np.argsort(self.t_us[rows], kind="stable")]

    def well_heard(self, hours: float, max_gap_h: float) -> list[tuple[int, int, int]]:
        """Return hosts and stretches of time [us] so long without a longer silence.

        A host is a vessel, by the tracks that the archive makes, and the only one on its MMSI: of
        a shared one no truth could say whose behaviour it is, and a number that is no ship's, or
        reports that no vessel can have sailed, are nobody to be silenced or copied.
        """
        found = []
        for mmsi in np.unique(self._sole[self._sole > 0]):
            rows = self._rows_of_host(int(mmsi))
            t_us = self.t_us[rows]
            cuts = np.flatnonzero(np.diff(t_us) > max_gap_h * US_PER_HOUR) + 1
            for part in np.split(np.arange(t_us.size), cuts):
                first_us, last_us = int(t_us[part[0]]), int(t_us[part[-1]])
                if last_us - first_us >= hours * US_PER_HOUR:
                    found.append((int(mmsi), first_us, last_us))
        return found

    def _rows_of_host(self, mmsi: int) -> Ints:
        """Return the rows of its track by time."""
        rows = np.flatnonzero(self._sole == mmsi)
        return rows[np.argsort(self.t_us[rows], kind="stable")]


def _sole_vessels(received: pa.Table) -> Ints:
    """Return the MMSI of each report whose sender is a vessel and shares it with none, else 0."""
    told = tracks.vessels_of(store.with_cells(received), Config().tracks)
    vessels = np.unique(told["vessel_key"].to_numpy())
    mmsi, n_vessels = np.unique(mmsis_of(vessels), return_counts=True)
    of_told = mmsis_of(told["vessel_key"].to_numpy())
    is_sole = np.isin(of_told, mmsi[n_vessels == 1])
    is_told = np.isin(received["line"].to_numpy(), told["line"].to_numpy()[is_sole])
    return np.where(is_told, received["mmsi"].to_numpy(), 0).astype(np.int64)
