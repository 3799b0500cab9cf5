"""Fields of current that a user gives, as CSV or Parquet: checked and made ready to ask."""

import datetime as dt
import hashlib
import itertools
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from scipy.spatial import QhullError

from vesseltrack.core.current_field import CurrentField, of_scattered, on_a_grid
from vesseltrack.core.runs import Ints, offsets_of_sorted
from vesseltrack.core.text import printable
from vesseltrack.errors import ConfigError
from vesseltrack.units import METRES_PER_NM, US_PER_HOUR

Floats = npt.NDArray[np.float64]

COLUMNS: Final = ("time", "lat", "lon", "east_mps", "north_mps")
ERROR_COLUMN: Final = "sigma_kn"  # may be left out
_VELOCITY: Final = ("east_mps", "north_mps")
_MAX_MPS: Final = 10.0  # the fastest tidal streams of the world run at that
_MAX_ERROR_KN: Final = 10.0
_MAX_STEP_H: Final = 6.0  # half a tide: over more, what is between is not known from its ends
_KM_H_PER_MPS: Final = 3.6
_KM_PER_NM: Final = METRES_PER_NM / 1000
_FILLED: Final = 0.5  # of the crossings of a grid, at least: the rest is land
_LEAST_POINTS: Final = 3
_NO_AREA: Final = f"scattered places must be {_LEAST_POINTS} or more, not in one line"
_WITH_HEAD: Final = 2  # line of the first row of a CSV file
_LIMITS: Final = {"lat": 90.0, "lon": 360.0, "east_mps": _MAX_MPS, "north_mps": _MAX_MPS}
_UNITS: Final = {"lat": "degrees", "lon": "degrees", "east_mps": "m/s", "north_mps": "m/s"}


def read_currents(path: Path, error_kn: float) -> CurrentField:
    """Return the field of a CSV or Parquet file.

    Parameters
    ----------
    path : Path
        One row a time and place: `time` (ISO 8601 with an offset, or a Parquet timestamp with a
        zone), `lat`, `lon` [deg], `east_mps`, `north_mps` (velocity of the water towards east and
        north; both empty where it is unknown, as on land) and, if it is known, `sigma_kn`, the
        standard error of each of them [kn]. Other columns are left alone. The places of each time
        may be a grid of parallels and meridians, the same at all times, or scattered.
    error_kn : float
        The standard error where the file states none [kn].

    Raises
    ------
    ConfigError
        If the file cannot be read, lacks a column, holds a time without a zone, a number that is
        none or beyond its limits, a place twice at a time, times more than 6 h apart, fewer than
        two times, or scattered places that span no area; the message names the first row.
    """
    name = printable(path.name)
    table = _read(path, name)
    missing = [column for column in COLUMNS if column not in table.column_names]
    if missing or table.num_rows == 0:
        found = printable(", ".join(table.column_names)) or "none"
        what = f"no column {', '.join(missing)}" if missing else "no row"
        msg = (
            f"currents {name}: {what}; needed are {', '.join(COLUMNS)} (units as in the names) "
            f"and, if known, {ERROR_COLUMN}; columns of the file: {found}"
        )
        raise ConfigError(msg)
    t_us = _times_us(table["time"], name)
    columns = {column: _numbers(table, column, name) for column in COLUMNS[1:]}
    known = _is_known(columns, name)
    if ERROR_COLUMN in table.column_names:
        errors_kn = _numbers(table, ERROR_COLUMN, name)
        wrong = known & ~((errors_kn > 0) & (errors_kn <= _MAX_ERROR_KN))
        _refuse(
            wrong, errors_kn, ERROR_COLUMN, name, f"must be above 0, at most {_MAX_ERROR_KN:g} kn"
        )
    else:
        errors_kn = np.full(t_us.size, error_kn)
    east, north = (np.where(known, columns[one] * _KM_H_PER_MPS, np.nan) for one in _VELOCITY)
    values = np.stack((east, north, np.where(known, errors_kn * _KM_PER_NM, np.nan)), axis=-1)
    west = _western_edge(columns["lon"])
    places = np.stack((columns["lat"], (columns["lon"] - west) % 360.0), axis=-1)
    order = np.lexsort((places[:, 1], places[:, 0], t_us))
    t_us, places, values = t_us[order], places[order], values[order]
    _refuse_repeats(t_us, places, order, name)
    return _field(t_us, places, values, west, name)


def _read(path: Path, name: str) -> pa.Table:
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        # Times and numbers are read here: what is none is named with its row.
        head = pcsv.open_csv(path).schema.names
        as_text = pcsv.ConvertOptions(
            column_types={column: pa.string() for column in head}, strings_can_be_null=True
        )
        return pcsv.read_csv(path, convert_options=as_text)
    except (OSError, pa.ArrowInvalid) as error:
        msg = f"currents {name}: neither CSV nor Parquet that can be read: {printable(str(error))}"
        raise ConfigError(msg) from error


def _times_us(column: pa.ChunkedArray, name: str) -> Ints:
    """Return times [us]; each distinct text is read once."""
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None or column.null_count:
            what = "an empty time" if column.null_count else "times without a zone"
            msg = f"currents {name}: {what}; a Parquet timestamp must be of a zone, as UTC"
            raise ConfigError(msg)
        whole = column.cast(pa.timestamp("us", tz="UTC"), safe=False)
        return np.asarray(whole.cast(pa.int64()).to_numpy())
    if not pa.types.is_string(column.type):
        msg = f"currents {name}: time is of type {column.type}; it must be a timestamp or text"
        raise ConfigError(msg)
    texts = column.combine_chunks().dictionary_encode()
    row = texts.indices.fill_null(-1).to_numpy()
    if (row < 0).any():
        msg = f"currents {name}, row {_row(row < 0)}: no time"
        raise ConfigError(msg)
    found = []
    for nth, text in enumerate(texts.dictionary.to_pylist()):
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            what = "not a time" if moment is None else "a time without a zone"
            msg = (
                f"currents {name}, row {_row(row == nth)}: {printable(text)!r} is {what}; "
                "write it as 2021-01-08T12:00:00Z"
            )
            raise ConfigError(msg)
        found.append(round(moment.timestamp() * 1_000_000))
    return np.asarray(np.array(found, dtype=np.int64)[row])


def _numbers(table: pa.Table, column: str, name: str) -> Floats:
    """Return a column as numbers, NaN where it is empty."""
    values = table[column]
    try:
        numbers = values.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        row = next((at for at, one in enumerate(values) if not _is_number(one.as_py())), 0)
        found = printable(str(values[row].as_py()))
        msg = f"currents {name}, row {row + 1}: {column} is {found!r}, which is no number"
        raise ConfigError(msg) from None
    return np.asarray(pc.fill_null(numbers, float("nan")).to_numpy())


def _is_number(value: Any) -> bool:  # noqa: ANN401 - whatever a file holds
    try:
        float(value if value is not None else "nan")
    except (TypeError, ValueError):
        return False
    return True


def _is_known(columns: dict[str, Floats], name: str) -> npt.NDArray[np.bool_]:
    """Return where the velocity is known; refuse what cannot be."""
    for column, values in columns.items():
        most = _LIMITS[column]
        wrong = ~(np.abs(values) <= most)
        hint = ""
        if column in _VELOCITY:
            wrong &= ~np.isnan(values)
            hint = "; is the file in cm/s, or in knots?"
        _refuse(wrong, values, column, name, f"must lie within {most:g} {_UNITS[column]}{hint}")
    east, north = (np.isnan(columns[one]) for one in _VELOCITY)
    _refuse(east != north, columns["north_mps"], "north_mps", name, "one of two is unknown")
    if east.all():
        msg = f"currents {name}: no velocity is known in any row"
        raise ConfigError(msg)
    return np.asarray(~east)


def _refuse(
    wrong: npt.NDArray[np.bool_], values: Floats, column: str, name: str, why: str
) -> None:
    if wrong.any():
        at = int(np.argmax(wrong))
        msg = f"currents {name}, row {at + 1}: {column} is {values[at]:g}; {why}"
        raise ConfigError(msg)


def _row(wrong: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(wrong)) + 1


def _western_edge(lon: Floats) -> float:
    """Return the meridian behind the widest gap: the field may lie across the date line."""
    all_deg = np.unique(lon % 360.0)
    gaps = np.diff(np.append(all_deg, all_deg[0] + 360.0))
    return float(all_deg[(int(np.argmax(gaps)) + 1) % all_deg.size])


def _refuse_repeats(t_us: Ints, places: Floats, order: Ints, name: str) -> None:
    same = (np.diff(t_us) == 0) & (np.diff(places, axis=0) == 0).all(axis=1)
    if same.any():
        at = int(np.argmax(same))
        rows = sorted(int(order[at + k]) + 1 for k in (0, 1))
        msg = f"currents {name}: rows {rows[0]} and {rows[1]} are of one time and place"
        raise ConfigError(msg)


def _field(t_us: Ints, places: Floats, values: Floats, west: float, name: str) -> CurrentField:
    offsets = offsets_of_sorted(t_us)
    times_us = t_us[offsets[:-1]]
    _refuse_gaps(times_us, name)
    lat, row = np.unique(places[:, 0], return_inverse=True)
    east, column = np.unique(places[:, 1], return_inverse=True)
    n_places = np.unique(row * east.size + column).size
    if n_places >= _FILLED * lat.size * east.size and min(lat.size, east.size) > 1:
        grid = np.full((times_us.size, lat.size, east.size, 3), np.nan)
        grid[np.repeat(np.arange(times_us.size), np.diff(offsets)), row, column] = values
        return on_a_grid(times_us, lat, east, grid, west=west)
    of_times = [slice(*ends) for ends in itertools.pairwise(offsets)]
    known = np.asarray(~np.isnan(values).any(axis=1))
    split = [(places[one][known[one]], values[one][known[one]]) for one in of_times]
    for moment_us, (there, _) in zip(times_us, split, strict=True):
        if len(there) < _LEAST_POINTS:
            moment = np.datetime64(int(moment_us), "us")
            msg = f"currents {name}: {len(there)} places of {moment}Z have a velocity; {_NO_AREA}"
            raise ConfigError(msg)
    try:
        return of_scattered(times_us, *zip(*split, strict=True), west=west)
    except QhullError:
        msg = f"currents {name}: the places of a time span no area; {_NO_AREA}"
        raise ConfigError(msg) from None


def _refuse_gaps(times_us: Ints, name: str) -> None:
    steps_h = np.diff(times_us) / US_PER_HOUR
    if not steps_h.size:
        msg = f"currents {name}: one time only; two or more are needed, as it changes between them"
        raise ConfigError(msg)
    if steps_h.max() > _MAX_STEP_H:
        at = int(np.argmax(steps_h > _MAX_STEP_H))
        first, second = (np.datetime64(int(t_us), "us") for t_us in times_us[at : at + 2])
        msg = (
            f"currents {name}: nothing between {first}Z and {second}Z; times may be at most "
            f"{_MAX_STEP_H:g} h apart (half a tide)"
        )
        raise ConfigError(msg)


def currents_id(file: str) -> str:
    """Return which field a setting names: the identifier of the file's bytes, empty without one.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    if not file:
        return ""
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return hashlib.blake2b(opened.read(), digest_size=8).hexdigest()
    except OSError as error:
        msg = f"currents {printable(path.name)} cannot be read: {printable(str(error))}"
        raise ConfigError(msg) from error
