import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.errors import SchemaError
from vesseltrack.schema import FIXES, POSITIONS, RECEIVED, REJECTS, TABLES, validate

ROW = {"source_id": [1], "line": [7], "reason": ["checksum"], "raw": ["!AIVDM"]}


def test_a_table_is_made_in_schema_order_whatever_the_order_given():
    table = REJECTS.of(dict(reversed(ROW.items())))
    assert table.schema == REJECTS.arrow
    assert table.to_pylist() == [
        {"source_id": 1, "line": 7, "reason": "checksum", "raw": "!AIVDM"}
    ]


def test_nan_is_null_at_rest():
    n_rows = 2
    table = POSITIONS.of(
        {
            "mmsi": np.full(n_rows, 219000001, dtype=np.int32),
            "lat_e6": np.zeros(n_rows, dtype=np.int32),
            "lon_e6": np.zeros(n_rows, dtype=np.int32),
            "sog_kn": np.array([np.nan, 3.5]),
            "msg_type": np.ones(n_rows, dtype=np.int8),
            "cell": np.ones(n_rows, dtype=np.int64),
            "quality": np.zeros(n_rows, dtype=np.int32),
            "source_id": np.ones(n_rows, dtype=np.int64),
            "line": np.arange(n_rows, dtype=np.int32),
        }
    )
    assert table["sog_kn"].to_pylist() == [None, 3.5]
    assert table["timestamp"].null_count == n_rows


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"reason": None}, "rejects: reason must not be null; 1 of 1 are"),
        ({"line": ["seven"]}, r"column rejects.line must be int32"),
        ({"line": [2**40]}, r"column rejects.line must be int32"),
        ({"lines": [7]}, "table rejects has no column lines"),
    ],
)
def test_what_a_table_cannot_hold_is_refused_by_name(change, complaint):
    with pytest.raises(SchemaError, match=complaint):
        REJECTS.of(ROW | change)


def test_the_validator_reports_every_problem_together():
    table = REJECTS.of(ROW).drop_columns(["raw"])
    table = table.append_column("extra", pa.array([1])).set_column(1, "line", pa.array(["x"]))
    with pytest.raises(SchemaError) as caught:
        validate(table, REJECTS)
    for complaint in ("raw is missing", "extra is not known", "line must be int32; got string"):
        assert complaint in str(caught.value)


def test_the_validator_minds_the_order():
    with pytest.raises(SchemaError, match="in the order source_id, line, reason, raw"):
        validate(REJECTS.of(ROW).select(["line", "source_id", "reason", "raw"]), REJECTS)


@pytest.mark.parametrize("spec", [*TABLES.values(), FIXES, RECEIVED], ids=lambda spec: spec.name)
def test_every_table_can_be_empty_and_names_its_key(spec):
    validate(spec.empty(), spec)
    assert set(spec.key) <= set(spec.names)
    assert len(set(spec.names)) == len(spec.names)


@pytest.mark.parametrize("spec", TABLES.values(), ids=lambda spec: spec.name)
def test_numbers_say_their_unit(spec):
    # A float is a quantity: its name ends in a unit, or it is a degree, a ratio or a share.
    plain = {"lat", "lon", "detour_ratio", "confidence", "score"}
    suffixes = ("_m", "_nm", "_kn", "_h", "_deg", "_deg_min", "_frac", "_lat", "_lon")
    for column in spec.columns:
        if pa.types.is_floating(column.type):
            assert column.name in plain or column.name.endswith(suffixes), column.name


def test_times_are_utc_microseconds():
    table = POSITIONS.empty()
    assert table.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")
