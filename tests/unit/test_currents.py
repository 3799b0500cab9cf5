"""Fields of current that a user gives: what they say between their points, and what is refused."""

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.core.current_field import carried
from vesseltrack.currents import currents_id, read_currents
from vesseltrack.errors import ConfigError

US = 1_000_000
HOUR = 3600 * US
T0 = 1_609_459_200 * US  # 2021-01-01T00:00Z
KM_PER_DEG = 111.195
ERROR_KN = 0.3
HEAD = "time,lat,lon,east_mps,north_mps\n"


def rows_of(flow, *, lat, lon, hours, sigma_kn=None):
    """Rows of a flow (hours since T0, lat, lon -> east, north) at places, each hour of them."""
    t, at = np.repeat(hours, np.size(lat)), np.tile(np.arange(np.size(lat)), np.size(hours))
    lat, lon = np.ravel(lat)[at], np.ravel(lon)[at]
    east, north = (np.broadcast_to(part, t.shape) for part in flow(t, lat, lon))
    columns = {
        "time": pa.array((T0 + t * HOUR).astype(np.int64), pa.timestamp("us", tz="UTC")),
        "lat": lat,
        "lon": lon,
        "east_mps": east,
        "north_mps": north,
    }
    if sigma_kn is not None:
        columns["sigma_kn"] = np.full(t.size, sigma_kn)
    return pa.table(columns)


def given_as(path, table, error_kn=ERROR_KN):
    """The field of a table that was written and read again."""
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pcsv.write_csv(table, path)
    return read_currents(path, error_kn)


def crossings(south=54.0, west=2.0, *, n=5, step=0.5):
    return np.meshgrid(south + step * np.arange(n), west + step * np.arange(n), indexing="ij")


def strewn(seed=1, n=400):
    rng = np.random.default_rng(seed)
    return rng.uniform(53.9, 56.1, n), rng.uniform(1.9, 4.1, n)


def way(field, lat=55.0, lon=3.0, *, hours=6, from_h=0.0):
    return carried(field, (lat, lon), T0 + round(from_h * HOUR), HOUR // 6, 6 * hours)


@pytest.mark.parametrize("name", ["field.csv", "field.parquet"])
@pytest.mark.parametrize("places", [crossings, strewn])
def test_one_current_everywhere_carries_along_a_straight_line(tmp_path, name, places):
    lat, lon = places()
    table = rows_of(lambda t, *_: (0.5 + 0 * t, -0.2), lat=lat, lon=lon, hours=[0, 6, 12])
    field = given_as(tmp_path / name, table)
    moved_km, error_km_h = way(field).until(3.25)
    assert moved_km == pytest.approx([0.5 * 3.6 * 3.25, -0.2 * 3.6 * 3.25], rel=1e-9)
    assert error_km_h == pytest.approx(ERROR_KN * 1.852)
    assert field.most_km_h == pytest.approx(3.6 * np.hypot(0.5, 0.2))


@pytest.mark.parametrize("places", [crossings, strewn])
def test_in_a_solid_rotation_what_floats_goes_round(tmp_path, places):
    """Once round in 12 h about a centre, 10 km off it: the circle itself is the oracle."""
    centre, turn = (55.0, 3.0), 2 * np.pi / 12  # [rad/h]

    def flow(_, lat, lon):
        x = (lon - centre[1]) * KM_PER_DEG * np.cos(np.radians(centre[0]))
        y = (lat - centre[0]) * KM_PER_DEG
        return -turn * y / 3.6, turn * x / 3.6

    lat, lon = places()
    lat, lon = 55 + 0.3 * (lat - 55), 3 + 0.3 * (lon - 3)  # no faster than water runs
    field = given_as(tmp_path / "f.parquet", rows_of(flow, lat=lat, lon=lon, hours=[0, 6, 12]))
    east = 10 / KM_PER_DEG / np.cos(np.radians(centre[0]))
    there = way(field, 55.0, 3.0 + east, hours=12)
    for hours in (3, 6, 12):
        expected = 10 * np.array([np.cos(turn * hours) - 1, np.sin(turn * hours)])
        assert there.until(hours)[0] == pytest.approx(expected, abs=0.1)  # degrees, not a plane


def test_a_tide_brings_back_what_it_took(tmp_path):
    """Known at every hour and linear between: the chord of a cosine is a hundredth short."""
    omega, lat, lon = 2 * np.pi / 12.42, *crossings()
    table = rows_of(
        lambda t, *_: (np.cos(omega * t), 0 * t), lat=lat, lon=lon, hours=np.arange(15)
    )
    there = way(given_as(tmp_path / "f.csv", table), hours=13)
    for hours in (1.0, 3.0, 6.2, 12.42):
        expected = 3.6 * np.sin(omega * hours) / omega
        assert there.until(hours)[0] == pytest.approx([expected, 0.0], abs=0.2)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    lat=st.floats(54.0, 56.0),
    lon=st.floats(2.0, 4.0),
    hour=st.floats(0, 12),
    is_grid=st.booleans(),
)
def test_what_is_linear_in_place_and_time_is_met_everywhere(
    tmp_path_factory, seed, lat, lon, hour, is_grid
):
    """Bilinear and triangles alike give back any flow that is linear."""
    a, b, c, d = np.random.default_rng(seed).uniform(-0.1, 0.1, 4)

    def flow(t, lat, lon):
        return a * t + b * (lat - 55), c * (lon - 3) + d * t

    corners = [np.array([53.9, 53.9, 56.1, 56.1]), np.array([1.9, 4.1, 1.9, 4.1])]
    places = crossings() if is_grid else np.concatenate((strewn(seed), corners), axis=1)
    table = rows_of(flow, lat=places[0], lon=places[1], hours=[0, 5, 6, 12], sigma_kn=0.1)
    field = given_as(tmp_path_factory.mktemp("field") / "f.parquet", table)
    asked = field.at([lat], [lon], np.array([T0 + round(hour * HOUR)]))[0]
    expected = np.array(flow(np.array(hour), lat, lon)) * 3.6
    assert asked == pytest.approx([*expected, 0.1852], abs=1e-6)


def test_beyond_the_field_nothing_is_known(tmp_path):
    lat, lon = crossings()
    table = rows_of(lambda t, *_: (0 * t + 2.0, 0.0), lat=lat, lon=lon, hours=[0, 6])
    field = given_as(tmp_path / "f.csv", table)
    at = np.array([T0 - 1, T0, T0 + 6 * HOUR, T0 + 6 * HOUR + 1, T0, T0, T0])
    asked = field.at([55.0] * 5 + [53.9, 55.0], [3.0] * 4 + [1.99, 3.0, 4.01], at)
    assert np.isnan(asked[:, 0]).tolist() == [True, False, False, True, True, True, True]
    there = way(field, lon=3.9)  # 6.4 km from the edge, at 7.2 km/h
    assert not np.isnan(there.until(0.5)[0]).any()
    assert np.isnan(there.until(1.5)[0]).all()
    assert np.isnan(way(field, from_h=3).until(4.0)[0]).all()


def test_land_within_a_grid_is_unknown_and_its_neighbours_are_known(tmp_path):
    lat, lon = crossings()
    table = rows_of(lambda t, *_: (0 * t + 1.0, 0.0), lat=lat, lon=lon, hours=[0, 6])
    land = (table["lat"].to_numpy() == 55.0) & (table["lon"].to_numpy() == 3.0)
    given = []
    for number, kept in enumerate((np.ones(land.size, dtype=bool), ~land)):
        east, north = (
            pa.array(table[name].to_numpy(), mask=land) for name in ("east_mps", "north_mps")
        )
        part = table.set_column(3, "east_mps", east).set_column(4, "north_mps", north)
        given.append(given_as(tmp_path / f"{number}.csv", part.filter(pa.array(kept))))
    now = np.full(3, T0)
    for field in given:  # said to be unknown, or left out
        asked = field.at([55.2, 55.2, 55.5], [3.2, 3.6, 3.0], now)
        assert np.isnan(asked[:, 0]).tolist() == [True, False, False]


def test_a_field_across_the_date_line_and_one_round_the_globe(tmp_path):
    lat, lon = crossings(west=179.0)
    lon = np.where(lon > 180, lon - 360, lon)
    field = given_as(
        tmp_path / "f.csv", rows_of(lambda t, *_: (0 * t, 1.0), lat=lat, lon=lon, hours=[0, 6])
    )
    assert way(field, lon=179.9).until(1.0)[0] == pytest.approx([0.0, 3.6])
    now = np.full(3, T0)
    assert field.at([55.0] * 3, [-179.9, 180.2, 178.9], now)[:, 1] == pytest.approx(
        [3.6, 3.6, np.nan], nan_ok=True
    )
    lat, lon = np.meshgrid([-1.0, 0.0, 1.0], np.arange(0.0, 360.0, 5.0), indexing="ij")
    table = rows_of(lambda t, *_: (0 * t, 1.0), lat=lat, lon=lon, hours=[0, 6])
    field = given_as(tmp_path / "g.csv", table)
    assert field.at([0.0] * 3, [357.5, -2.5, 0.0], now)[:, 1] == pytest.approx(3.6)


def test_the_error_is_that_of_the_way(tmp_path):
    lat, lon = crossings()
    table = rows_of(lambda t, *_: (0 * t, 0.5), lat=lat, lon=lon, hours=[0, 6], sigma_kn=0.1)
    assert way(given_as(tmp_path / "a.csv", table)).until(2.0)[1] == pytest.approx(0.1852)


def test_another_content_is_another_identifier(tmp_path):
    path = tmp_path / "a.csv"
    found = []
    for text in ("one", "two", "one"):
        path.write_text(text, encoding="utf-8")
        found.append(currents_id(str(path)))
    assert found[0] == found[2] != found[1]
    assert currents_id("") == ""
    with pytest.raises(ConfigError, match=r"currents missing\.csv cannot be read"):
        currents_id(str(tmp_path / "missing.csv"))


ROW = "2021-01-01T00:00:00Z,55,3,0.5,0.1\n"
A_LINE = "".join(
    f"2021-01-01T{hour}:00:00Z,{55 + k / 10},{3 + k / 10},0.5,0.1\n"
    for hour in ("00", "03")
    for k in range(5)
)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("time,lat,lon,u,v\n" + ROW, "no column east_mps, north_mps"),
        (HEAD, "no row"),
        ("", "neither CSV nor Parquet"),
        (HEAD + "2021-01-01T00:00:00,55,3,0.5,0.1\n", "row 1.*without a zone"),
        (HEAD + ROW + "yesterday,55,3,0.5,0.1\n", "row 2.*'yesterday' is not a time"),
        (HEAD + ROW + ",55,3,0.5,0.1\n", "row 2: no time"),
        (HEAD + ROW + "2021-01-01T00:00:00Z,55,3.5,200,0.1\n", "row 2: east_mps is 200.*10 m/s"),
        (HEAD + "2021-01-01T00:00:00Z,55,3,0.5,inf\n", "north_mps is inf"),
        (HEAD + "2021-01-01T00:00:00Z,95,3,0.5,0.1\n", "lat is 95.*90 degrees"),
        (HEAD + "2021-01-01T00:00:00Z,55,,0.5,0.1\n", "lon is nan"),
        (HEAD + "2021-01-01T00:00:00Z,55,3,0.5,\n", "one of two is unknown"),
        (HEAD + "2021-01-01T00:00:00Z,55,3,fast,0.1\n", "row 1: east_mps is 'fast'.*no number"),
        (HEAD + "2021-01-01T00:00:00Z,55,3,,\n", "no velocity is known"),
        (HEAD + ROW + ROW, "rows 1 and 2 are of one time and place"),
        (HEAD + ROW, "one time only"),
        (HEAD + ROW + ROW.replace("T00", "T07"), "nothing between .*6 h apart"),
        (HEAD + ROW + ROW.replace("T00", "T03"), "1 places of .*3 or more"),
        (
            HEAD + A_LINE,
            "span no area; scattered places must be 3 or more, not in one line",
        ),
        (
            HEAD.replace("\n", ",sigma_kn\n") + ROW.replace("\n", ",0\n"),
            "sigma_kn is 0; must be above 0",
        ),
    ],
)
def test_what_is_refused(tmp_path, text, complaint):
    path = tmp_path / "field.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"(?s)currents field.csv.*{complaint}"):
        read_currents(path, ERROR_KN)


def test_a_parquet_file_is_held_to_the_same(tmp_path):
    lat, lon = crossings()
    table = rows_of(lambda t, *_: (0 * t, 0.5), lat=lat, lon=lon, hours=[0, 6])
    naive = table["time"].cast(pa.timestamp("us"))
    with pytest.raises(ConfigError, match="without a zone"):
        given_as(tmp_path / "f.parquet", table.set_column(0, "time", naive))
    number = table["time"].cast(pa.int64())
    with pytest.raises(ConfigError, match="type int64"):
        given_as(tmp_path / "f.parquet", table.set_column(0, "time", number))
    (tmp_path / "g.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(ConfigError, match="neither CSV nor Parquet"):
        read_currents(tmp_path / "g.parquet", ERROR_KN)
    with pytest.raises(ConfigError, match="neither CSV nor Parquet"):
        read_currents(tmp_path / "missing.csv", ERROR_KN)
