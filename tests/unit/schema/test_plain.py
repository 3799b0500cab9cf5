import datetime as dt
import json
import math

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.schema import FIX_RANGES, TIMESTAMP
from vesseltrack.schema.plain import plain_rows, plain_values

NOON = dt.datetime(2021, 1, 8, 12, tzinfo=dt.UTC)


def test_times_end_in_z_and_show_fractions_only_where_there_are_any():
    data = pa.chunked_array([pa.array([NOON, NOON.replace(microsecond=5), None], TIMESTAMP)])
    assert plain_values("start", data) == [
        "2021-01-08T12:00:00Z",
        "2021-01-08T12:00:00.000005Z",
        None,
    ]


def test_json_columns_are_the_value_they_hold():
    texts = ['{"value": 1.5}', None, '{"value": NaN}', "{broken"]
    data = pa.chunked_array([pa.array(texts)])
    assert plain_values("measures", data) == [{"value": 1.5}, None, {"value": None}, "{broken"]


def test_cells_are_as_h3_writes_them():
    data = pa.chunked_array([pa.array([0x871F04C91FFFFFF], pa.int64())])
    assert plain_values("cell", data) == ["871f04c91ffffff"]


def test_numbers_beyond_what_json_holds_are_text():
    data = pa.chunked_array([pa.array([2**62 + 1], pa.int64())])
    assert plain_values("source_id", data) == [str(2**62 + 1)]


def test_nested_rows_are_plain_too():
    ranges = [{"start": NOON, "start_nth": 0, "end": NOON, "end_nth": 2}]
    rows = plain_rows(pa.table({"fix_ranges": pa.array([ranges], FIX_RANGES)}))
    noon = "2021-01-08T12:00:00Z"
    expected = [{"start": noon, "start_nth": 0, "end": noon, "end_nth": 2}]
    assert rows == [{"fix_ranges": expected}]


@given(st.lists(st.floats(width=32), max_size=20))
def test_single_precision_comes_out_by_its_shortest_decimal(values):
    data = pa.chunked_array([pa.array(np.array(values, dtype=np.float32), pa.float32())])
    plain = plain_values("sog_kn", data)
    json.dumps(plain, allow_nan=False)
    for value, shown in zip(values, plain, strict=True):
        assert (shown is None) == (not math.isfinite(value))
        assert shown is None or (np.float32(shown) == np.float32(value))
        assert shown is None or float(str(np.float32(value))) == shown
