import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_text import BASE_STATION, CLASS_A, CLASS_B, STATIC, lines, tag
from vesseltrack.ingest.arrow import as_array, as_numpy, as_texts, is_known

TYPES = {
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.timestamp("us", tz="UTC"),
    "float32": pa.float32(),
}
values = st.lists(st.tuples(st.integers(-128, 127), st.booleans()), max_size=30)


@given(values, st.sampled_from(sorted(TYPES)))
def test_an_array_is_what_arrow_makes_of_the_values(given_values, dtype):
    numbers = np.array([value for value, _ in given_values], dtype)
    known = np.array([is_known for _, is_known in given_values], np.bool_)
    found = as_array(numbers, TYPES[dtype], known)
    found.validate(full=True)
    assert found.equals(pa.array(numbers, TYPES[dtype], mask=~known))


@given(values, st.integers(0, 9), st.sampled_from(sorted(TYPES)))
def test_values_come_back_from_any_slices(given_values, begin, dtype):
    expected = [number if is_known else None for number, is_known in given_values]
    column = pa.chunked_array([pa.array(expected, TYPES[dtype])] * 2, TYPES[dtype]).slice(begin)
    assert is_known(column).tolist() == column.is_valid().to_pylist()
    assert as_numpy(column).dtype == dtype
    known = as_numpy(column)[is_known(column)].tolist()
    assert known == [number for number in (expected * 2)[begin:] if number is not None]


@given(st.lists(st.text(st.characters(max_codepoint=126), max_size=5)))
def test_texts(texts):
    found = as_texts(texts)
    found.validate(full=True)
    assert found.to_pylist() == texts


def test_reading_sentences_does_not_import_pandas(tmp_path):
    pytest.importorskip("pandas")
    path = tmp_path / "feed.nmea"
    feed = (CLASS_A, tag(b"c:1709294400") + CLASS_B, BASE_STATION, *STATIC, CLASS_A[:-1] + b"0")
    path.write_bytes(lines(*feed, *feed))
    script = (
        "import sys, pathlib\n"
        "from vesseltrack.ingest import open_sources\n"
        "(source,) = open_sources(pathlib.Path(sys.argv[1]))\n"
        "(batch,) = source.batches()\n"
        "print(batch.received.num_rows, batch.rejects.num_rows, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["4", "2", "False"]  # two are exact repeats
