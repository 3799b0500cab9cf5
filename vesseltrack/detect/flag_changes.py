"""Flag changes: one IMO number on MMSI of one flag after the other, more often than ships do."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.identity_change import IdentityChangeDefault
from vesseltrack.core.flags import flag_of
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.imo import is_imo_number
from vesseltrack.core.records import Row, Rows, n_rows, row_at
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.said import Settled
from vesseltrack.detect.stretches import ALWAYS_US, Stretches
from vesseltrack.detect.words import iso, limit
from vesseltrack.units import US_PER_HOUR

_US_PER_DAY: Final = 24 * US_PER_HOUR
_IMO: Final = "imo"


@dataclass(frozen=True)
class Flown:
    """What an IMO number flew, when its newest flag was told."""

    imo: str
    senders: tuple[tuple[int, int], ...]  # each vessel that sent it and its first fix [us]
    told_us: int  # the report that agreed on the number
    fix: Row  # the last of the newest vessel until then
    old: Row  # the last of the one before

    @property
    def changes_us(self) -> list[int]:
        """When the flag was another than before [us]."""
        return [
            t_us
            for (before, _), (after, t_us) in itertools.pairwise(self.senders)
            if _flag(before) != _flag(after)
        ]


class FlagBook:
    """Which vessel sent an IMO number after which: each once, from its first fix on."""

    def __init__(self) -> None:
        self._senders: dict[str, list[tuple[int, int]]] = {}  # key and first fix [us]

    @property
    def rows(self) -> Rows:
        """The whole state as columns."""
        each = [(imo, *sender) for imo, own in self._senders.items() for sender in own]
        return {
            "imo": np.array([imo for imo, _, _ in each], dtype=np.str_),
            "key": np.array([key for _, key, _ in each], dtype=np.int64),
            "t_us": np.array([t_us for _, _, t_us in each], dtype=np.int64),
        }

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._senders = {}
        columns = (rows[name].tolist() for name in ("imo", "key", "t_us"))
        for imo, *sender in zip(*columns, strict=True):
            self._senders.setdefault(imo, []).append((sender[0], sender[1]))

    def hear(self, settled: Settled, heard: Stretches) -> Flown | None:
        """Take in a settled value; return what its IMO number flew if the flag is another now.

        A vessel that is heard while the one before goes on has not taken its place: then one of
        the two sends a number that is not its own, which is no change of flag.
        """
        saying = settled.saying
        if saying.field != _IMO or not is_imo_number(saying.value):
            return None
        fix = heard.before(saying.key, saying.t_us)
        if fix is None or _flag(saying.key) is None:
            return None
        own = self._senders.setdefault(saying.value, [])
        newest = saying.key, int(fix["first_us"])
        if not own:
            own.append(newest)
            return None
        last_key = own[-1][0]
        until_us = ALWAYS_US, newest[1]
        silent = heard.last_before(np.array([last_key]), saying.t_us, until_us)
        if any(key == saying.key for key, _ in own) or not n_rows(silent):
            return None
        own.append(newest)
        if _flag(saying.key) == _flag(last_key):
            return None
        return Flown(saying.value, tuple(own), saying.t_us, fix, row_at(silent, 0))


def draft_of(flown: Flown, rule: IdentityChangeDefault, *, is_shared: bool) -> Draft | None:
    """Return the event of an IMO number whose flag changed too often; None where it did not."""
    held = {
        f"n_flags_{rule.short_days:g}_days": (rule.short_days, rule.min_flags_short),
        f"n_flags_{rule.long_days:g}_days": (rule.long_days, rule.min_flags_long),
    }
    counted = {name: (_n_within(flown, days), least) for name, (days, least) in held.items()}
    if all(n < least for n, least in counted.values()):
        return None
    fix, old = flown.fix, flown.old
    start = Fix(int(fix["first_us"]), fix["first_lat"], fix["first_lon"])
    keys = [key for key, _ in flown.senders]
    measures = {
        name: Measure(n, ">=", least, counts=n >= least) for name, (n, least) in counted.items()
    }
    measures["imo"] = Measure(flown.imo)
    measures["flown"] = Measure(
        [
            {"flag": _flag(key), "mmsi": mmsi_of_key(key), "first": iso(t_us)}
            for key, t_us in flown.senders
        ]
    )
    return Draft(
        kind="identity_change",
        keys=(keys[-1], keys[-2]),
        anchor=start,
        start=start,
        end=Fix(flown.told_us, fix["lat"], fix["lon"]),
        lat=start.lat,
        lon=start.lon,
        measures=measures,
        innocent={"shared_mmsi": is_shared},
        evidence=[
            Evidence(keys[-2], old["begun_us"], old["t_us"], old["nth"] - old["begun_nth"] + 1),
            Evidence(keys[-1], fix["begun_us"], fix["t_us"], fix["nth"] - fix["begun_nth"] + 1),
        ],
        explanation=_sentence(flown, rule),
        is_open=False,
        anchor_parts=("flag",),
    )


def _n_within(flown: Flown, days: float) -> int:
    """Return how often the flag changed in the days up to the newest vessel's first fix."""
    since_us = flown.senders[-1][1] - round(days * _US_PER_DAY)
    return sum(t_us >= since_us for t_us in flown.changes_us)


def _sentence(flown: Flown, rule: IdentityChangeDefault) -> str:
    flags = ", ".join(f"{_flag(key)} ({mmsi_of_key(key):09d})" for key, _ in flown.senders)
    short, long = (_n_within(flown, days) for days in (rule.short_days, rule.long_days))
    return (
        f"Apparent changes of flag of IMO {flown.imo}: {short} in {limit(rule.short_days)} days, "
        f"{long} in {limit(rule.long_days)}, by the MMSI that it was sent with: {flags}; held "
        f"against {rule.min_flags_short} in {limit(rule.short_days)} days or "
        f"{rule.min_flags_long} in {limit(rule.long_days)}."
    )


def _flag(key: int) -> str | None:
    return flag_of(mmsi_of_key(key))
