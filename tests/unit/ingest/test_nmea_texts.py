import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_text import text_bits
from vesseltrack.ingest.nmea.packing import Payloads
from vesseltrack.ingest.nmea.texts import Texts, codes_of, width_of

SIX_BIT = st.text(st.characters(min_codepoint=32, max_codepoint=95), max_size=20)


def read(text):
    """A text up to its end mark and without blanks, as M.1371 has it, or None."""
    return text.partition("@")[0].strip(" ") or None


@given(st.lists(SIX_BIT, max_size=8))
def test_texts_end_at_their_mark_and_have_no_blanks_around(texts):
    found = Texts.of(codes_of(texts, 20)).array()
    found.validate(full=True)
    assert found.to_pylist() == [read(text) for text in texts]


@given(st.lists(SIX_BIT, min_size=1, max_size=5), st.integers(0, 60), st.sampled_from([7, 20]))
def test_codes_of_texts_that_begin_at_any_bit(texts, first, n_characters):
    n_bits = 6 * (first // 6 + width_of(n_characters) + 8) // 48 * 48
    bits = ["1" * first + text_bits(text[:n_characters], n_characters) for text in texts]
    rows = [one.ljust(n_bits, "1") for one in bits]
    values = b"".join(bytes(int(row[i : i + 6], 2) for i in range(0, n_bits, 6)) for row in rows)
    payloads = Payloads(np.frombuffer(values, np.uint8).reshape(len(rows), -1).copy())
    found = payloads.codes(first, n_characters)
    expected = codes_of([text[:n_characters] for text in texts], n_characters)
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("which", [[], [1], [2, 0]])
def test_some_texts(which):
    texts = Texts.of(codes_of(["ONE", None, " TWO "], 20))
    assert texts.are_said.tolist() == [True, False, True]
    expected = [["ONE", None, "TWO"][i] for i in which]
    assert texts[np.array(which, np.int64)].array().to_pylist() == expected
