import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_text import (
    BASE_STATION,
    CLASS_A,
    CLASS_B,
    STATIC,
    bits_of,
    lines,
    sentences,
    tag,
    text_bits,
)
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


READ = """
import sys, pathlib
from vesseltrack.ingest import open_sources
(source,) = open_sources(pathlib.Path(sys.argv[1]))
(batch,) = source.batches()
print(*(table.num_rows for table in batch.tables()))
print("pandas" in sys.modules, "pyais" in sys.modules)
"""
FEED = (CLASS_A, tag(b"c:1709294400") + CLASS_B, BASE_STATION, *STATIC, CLASS_A[:-1] + b"0")


def read_by_itself(path, *feed):
    """Rows of each table of a file, and which libraries were imported for it."""
    path.write_bytes(lines(*feed))
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, check=True, text=True
    )
    *n_rows, has_pandas, has_pyais = done.stdout.split()
    return [int(n) for n in n_rows], has_pandas == "True", has_pyais == "True"


def test_reading_sentences_imports_neither_pandas_nor_pyais(tmp_path):
    pytest.importorskip("pandas")
    # Two of the positions are exact repeats.
    found = read_by_itself(tmp_path / "feed.nmea", *FEED, *FEED)
    assert found == ([4, 2, 2], False, False)


def test_a_report_that_is_cut_short_imports_pyais_but_not_pandas(tmp_path):
    pytest.importorskip("pandas")
    voyage = bits_of((5, 6), (0, 2), (257000001, 30), (0, 2), (9074729, 30))
    voyage += text_bits("OXXX", 7) + text_bits("DEMO EXPRESS", 20) + bits_of((70, 8), (0, 30))
    voyage += bits_of((0, 4), (0, 20), (0, 8)) + text_bits("AARHUS", 19) + bits_of((0, 4))
    found = read_by_itself(tmp_path / "feed.nmea", *FEED, *sentences(voyage))
    assert found == ([3, 2, 1], False, True)
