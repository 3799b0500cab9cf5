"""Silences judged by the reception around them, up to their own end."""

from typing import Final

import numpy as np

from vesseltrack.config.detect.ais_gap import AisGapDefault, ReceptionConfig
from vesseltrack.core.geodesy import great_circle_m, lat_lon_of_xyz, unit_xyz
from vesseltrack.core.records import Rows
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.others import WHOLE_ARCHIVE, Ledger, Question, run_of
from vesseltrack.detect.reception import asked_of_others, chance_of_silence, of_runs
from vesseltrack.detect.vessel_hours import CurrentHour, Standing
from vesseltrack.hexgrid import CELL_RESOLUTION, cells_of, parents
from vesseltrack.units import US_PER_HOUR

_STEP_M: Final = 8_000.0  # half of the smallest area across: few cells of a way are stepped over
_MAX_STEPS: Final = 400  # 3,200 km: of what is farther, cells are left out


class Silences:
    """What was heard of all vessels, asked when one of them was silent for long."""

    def __init__(self, rule: AisGapDefault, reception: ReceptionConfig) -> None:
        self._rule = rule
        self._reception = reception
        self._silent_h = int(np.ceil(rule.min_gap_h))
        self.current = CurrentHour()
        self.standing = Standing(self._silent_h)
        self.heard = Ledger()
        self.begun = Ledger()
        self.returned = Ledger()

    def hear(self, fixes: Rows, now_us: int) -> None:
        """Take in the fixes of a batch (`key`, `t_us`, `cell`) by vessel and time."""
        now_hour = now_us // US_PER_HOUR
        hours = {
            "key": fixes["key"],
            "hour": fixes["t_us"] // US_PER_HOUR,
            "cell": parents(fixes["cell"], self._reception.cell_resolution),
        }
        passed = self.current.push(hours, now_hour)
        heard, begun, returned = self.standing.push(passed, now_hour)
        self.heard.add(heard)
        self.begun.add(begun)
        self.returned.add(returned)

    def forget(self, now_us: int) -> None:
        """Drop what no silence that ends from now on will ask for."""
        oldest = now_us // US_PER_HOUR - round(self._reception.history_h)
        for ledger in (self.heard, self.begun, self.returned):
            # How steadily a vessel was heard is asked however long it is silent.
            ledger.forget(oldest, self.standing.is_last_hour)

    def judged(self, off: Rows, on: Rows, end_us: Ints) -> Rows:
        """Return what reception says of silences.

        Parameters
        ----------
        off, on : Rows
            The fixes before and after (`key`, `t_us`, `lat`, `lon`), shape (n,); of a silence that
            goes on twice the same.
        end_us : (n,)
            When each ended, or how far it is known [us].

        Returns
        -------
        judged : Rows
            `resolution` of the area asked in the end, `WHOLE_ARCHIVE` or of H3; `run_h`, hours in
            a row in which the vessel had been heard; of the others heard as steadily
            `n_vessel_hours` and `n_silences` there, `n_others_silent` of these since the silence
            began, and `heard_frac`, the share of its whole hours in which any was heard; the
            `chance`; `is_improbable` and `is_still_heard`.
        """
        rule = self._reception
        off_hour, end_hour = off["t_us"] // US_PER_HOUR, end_us // US_PER_HOUR
        n = off_hour.size
        run_h = run_of(self.heard.rows, off["key"], off_hour)
        ints = ("n_vessel_hours", "n_silences", "n_others_silent", "heard_h", "lately_h")
        judged: Rows = {name: np.zeros(n, dtype=np.int64) for name in ints}
        judged |= {"run_h": run_h, "resolution": np.full(n, WHOLE_ARCHIVE)}
        question = Question(
            mmsis_of(off["key"]),
            end_hour - round(rule.history_h),
            end_hour,
            *_cells_of_way(off, on, rule.cell_resolution),
        )
        is_steady = run_h >= rule.steady_h
        for steady in (True, False):
            asking = np.flatnonzero(is_steady == steady)
            self._ask(question, asking, off_hour, judged, steady=steady)
        whole_h = np.minimum(end_hour - off_hour - 1, round(rule.history_h))
        judged["heard_frac"] = judged["heard_h"] / np.maximum(whole_h, 1)
        judged["chance"] = chance_of_silence(judged["n_silences"], judged["n_vessel_hours"], rule)
        judged["is_improbable"] = self._is_improbable(judged)
        judged["is_still_heard"] = judged["lately_h"] > 0
        return judged

    def _ask(
        self, question: Question, asking: Ints, off_hour: Ints, judged: Rows, *, steady: bool
    ) -> None:
        """Ask the others heard as steadily, in ever larger areas until there are enough."""
        if not asking.size:
            return
        rule = self._reception
        coarsest = WHOLE_ARCHIVE if steady else rule.near_resolution
        heard, begun, returned = (
            of_runs(ledger, rule.steady_h, steady=steady)
            for ledger in (self.heard, self.begun, self.returned)
        )
        for resolution in range(rule.cell_resolution, coarsest - 1, -1):
            if not asking.size:
                return
            found = asked_of_others(
                question.of(asking),
                resolution,
                off_hour[asking],
                (heard, returned if resolution == WHOLE_ARCHIVE else begun),
                # Only so long after it began is a silence known for one.
                0 if resolution == WHOLE_ARCHIVE else self._silent_h,
                rule,
            )
            for name, column in found.items():
                judged[name][asking] = column
            # A silence of another there tells more than its absence farther off.
            is_enough = (found["n_vessel_hours"] >= rule.min_vessel_hours) | (
                found["n_silences"] > 0
            )
            asking = asking[~is_enough]

    def _is_improbable(self, judged: Rows) -> Bools:
        return np.asarray(
            (judged["chance"] <= self._rule.max_chance)
            & (judged["heard_frac"] >= self._rule.min_heard_frac)
        )


def _cells_of_way(off: Rows, on: Rows, resolution: int) -> tuple[Ints, Ints]:
    """Return the cells on the straight ways from off to on, and the way of each."""
    way_m = great_circle_m(off["lat"], off["lon"], on["lat"], on["lon"])
    n_steps = np.minimum(np.ceil(way_m / _STEP_M), _MAX_STEPS).astype(np.int64)
    way = np.repeat(np.arange(way_m.size), n_steps + 1)
    nth = np.arange(way.size) - np.repeat(np.cumsum(n_steps + 1) - n_steps - 1, n_steps + 1)
    along = (nth / np.maximum(n_steps[way], 1))[:, None]
    start, end = unit_xyz(off["lat"], off["lon"])[way], unit_xyz(on["lat"], on["lon"])[way]
    lat, lon = lat_lon_of_xyz((1 - along) * start + along * end)
    # As the cells of fixes are made: the parents of the stored ones.
    return parents(cells_of(lat, lon, CELL_RESOLUTION), resolution), way
