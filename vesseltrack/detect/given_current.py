"""A current that the user gave: where it takes what a break left, and what ships add to it."""

from pathlib import Path
from typing import Final

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.current_field import Carried, carried
from vesseltrack.core.records import Row, Rows, take
from vesseltrack.currents import currents_id, read_currents
from vesseltrack.detect.drop_cues import US_PER_MINUTE
from vesseltrack.units import METRES_PER_NM, h_to_us

_KM_PER_NM: Final = METRES_PER_NM / 1000
_STEP_US: Final = 10 * US_PER_MINUTE  # of a way through the field


class GivenCurrent:
    """The field of the settings, or none.

    Attributes
    ----------
    currents_id : str
        Which field it is; empty without one.
    """

    def __init__(self, rule: DropPickupDefault) -> None:
        file = rule.currents
        self._field = read_currents(Path(file), rule.current_error_kn) if file else None
        self.currents_id = currents_id(file)
        self._n_steps = -(-h_to_us(rule.max_set_delay_h) // _STEP_US) + 1
        self._ways: dict[tuple[int, int], Carried] = {}

    @property
    def is_given(self) -> bool:
        """Whether there is a field."""
        return self._field is not None

    @property
    def most_km_h(self) -> float:
        """The greatest speed of it, 0 without one [km/h]."""
        return 0.0 if self._field is None else self._field.most_km_h

    def way(self, broke: Row) -> Carried | None:
        """Return where the field takes what a break left; None without a field."""
        if self._field is None:
            return None
        asked = (broke["key"], broke["t_us"])
        if asked not in self._ways:
            at = (broke["lat"], broke["lon"])
            self._ways[asked] = carried(self._field, at, broke["t_us"], _STEP_US, self._n_steps)
        return self._ways[asked]

    def beyond(self, rows: Rows) -> Rows:
        """Return the sets within the field, less what it sets a ship to starboard.

        Parameters
        ----------
        rows : Rows
            `lat`, `lon`, `t_us`, `heading_deg`, `across_kn` and any others.
        """
        if self._field is None or not rows["t_us"].size:
            return rows
        east, north, _ = self._field.at(rows["lat"], rows["lon"], rows["t_us"]).T
        heading = np.radians(rows["heading_deg"])
        across_km_h = east * np.cos(heading) - north * np.sin(heading)
        left = {**rows, "across_kn": rows["across_kn"] - across_km_h / _KM_PER_NM}
        return take(left, ~np.isnan(across_km_h))

    def forget(self, oldest_us: int) -> None:
        """Drop the ways of breaks before a time."""
        self._ways = {at: one for at, one in self._ways.items() if at[1] >= oldest_us}
