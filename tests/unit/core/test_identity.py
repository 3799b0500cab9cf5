import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core import identity

mmsis = st.integers(0, 2**30 - 1)
fixes = st.tuples(
    st.integers(0, 2**52), st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 1 << 27)
)


def test_the_identifier_is_the_hash_of_its_parts():
    expected = hashlib.blake2b(b"gap\x1f209515000", digest_size=8).hexdigest()
    assert identity.content_id("event", "gap", 209515000) == f"event-{expected}"


def test_where_one_part_ends_matters_and_so_does_their_order():
    ids = {
        identity.content_id("x", "a", "bc"),
        identity.content_id("x", "ab", "c"),
        identity.content_id("x", "bc", "a"),
        identity.content_id("x", "abc"),
    }
    assert len(ids) == 4


def test_text_that_is_no_text_still_has_an_identifier():
    assert re.fullmatch("x-[0-9a-f]{16}", identity.content_id("x", "\ud800"))


@given(st.lists(st.text(), max_size=3))
def test_numbers_fit_in_a_signed_column(parts):
    assert 0 <= identity.hash63(*parts) < 2**63


@given(mmsis)
def test_the_first_transmitter_bears_its_mmsi_alone(mmsi):
    key = identity.vessel_key(mmsi)
    assert identity.vessel_id(key) == str(mmsi)
    assert identity.mmsi_of_key(key) == mmsi
    assert 0 <= key < 2**63


@given(mmsis, fixes)
def test_every_further_one_bears_eight_digits_of_its_first_fix(mmsi, fix):
    key = identity.vessel_key(mmsi, fix)
    assert re.fullmatch(rf"{mmsi}-[0-9a-f]{{8}}", identity.vessel_id(key))
    assert identity.vessel_id(key) != f"{mmsi}-00000000"  # that would be the first transmitter
    assert identity.mmsi_of_key(key) == mmsi
    assert identity.vessel_key(mmsi, fix) == key
    assert 0 <= key < 2**63


def test_another_first_fix_is_another_vessel():
    fix = (1_609_459_200_000_000, 51_879_170, 4_408_910)
    others = [(fix[0] + 1, *fix[1:]), (fix[0], fix[1] + 1, fix[2]), (*fix[:2], fix[2] + 1)]
    keys = {identity.vessel_key(209515000, each) for each in [fix, *others]}
    assert len(keys) == 4


def test_a_hash_of_zero_is_not_mistaken_for_the_first_transmitter(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity, "hash63", lambda *_: 7 << 32)
    assert identity.vessel_id(identity.vessel_key(1, (0, 0, 0))) == "1-00000001"
