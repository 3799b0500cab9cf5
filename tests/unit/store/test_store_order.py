"""Rows taken by number, held against Arrow's own taking."""

import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.store.order import taken

TYPES = [
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.float32(),
    pa.float64(),
    pa.timestamp("us", tz="UTC"),
    pa.bool_(),
    pa.string(),
]


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("n_before", [0, 3, 8, 13])
def test_rows_with_and_without_nulls_are_taken_as_arrow_takes_them(
    kind: pa.DataType, n_before: int
) -> None:
    rng = np.random.default_rng(n_before)
    column = pa.array(rng.integers(0, 2, 200)).cast(kind)
    some = pa.array(column.to_pylist(), kind, mask=rng.random(200) < 0.3)
    rows = pa.table({"whole": column, "with_nulls": some, "nothing": pa.nulls(200, kind)})
    rows = rows.slice(n_before)
    for numbers in (rng.permutation(rows.num_rows)[:150], np.zeros(0, np.int64)):
        found = taken(rows, pa.array(numbers, pa.int64()))
        found.validate(full=True)
        wanted = rows.take(pa.array(numbers, pa.int64()))
        assert found.equals(wanted)
        assert all(
            one.null_count == own.null_count for one, own in zip(found, wanted, strict=True)
        )
