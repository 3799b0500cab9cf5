"""Real messages on whose fields libais, gpsd and pyais agree."""

import json

import pytest

from ingest_text import FIXTURES
from vesseltrack.ingest import decode, open_sources

EXAMPLES = {
    example["id"]: example
    for example in map(
        json.loads,
        (FIXTURES / "hostile" / "decode_examples.jsonl").read_text(encoding="utf-8").splitlines(),
    )
}
TOLERANCE_DEG = 6e-7  # they are given to seven digits, we give six as the standard resolves


def decoded(example, tmp_path, **options):
    path = tmp_path / "example.nmea"
    path.write_text("\n".join(example["sentences"]), encoding="ascii")
    decoding = decode(path, **options)
    (message,) = decoding
    assert decoding.reports[0].used == len(example["sentences"])
    return message


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_field_is_as_transmitted(example, tmp_path):
    message = decoded(example, tmp_path, as_transmitted=True)
    for name, value in example["expected"].items():
        if name in ("lat", "lon"):
            assert message[name] == pytest.approx(value, abs=TOLERANCE_DEG), name
        else:
            assert message[name] == value, name


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_what_is_not_available_is_null_and_nothing_else(example, tmp_path):
    message = decoded(example, tmp_path)
    absent = [name for name in example["expected"] if message[name] is None]
    assert absent == [name for name in example["expected"] if name in example["not_available"]]


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_tables_hold_the_same_place(example, tmp_path):
    path = tmp_path / "example.nmea"
    path.write_text("\n".join(example["sentences"]), encoding="ascii")
    (source,) = open_sources(path)
    (batch,) = source.batches()
    expected = example["expected"]
    if "lat" not in expected:
        assert batch.received.num_rows == 0
        return
    (row,) = batch.received.to_pylist()
    assert row["lat_e6"] / 1e6 == pytest.approx(expected["lat"], abs=TOLERANCE_DEG)
    assert row["lon_e6"] / 1e6 == pytest.approx(expected["lon"], abs=TOLERANCE_DEG)
    assert (row["mmsi"], row["msg_type"]) == (expected["mmsi"], expected["type"])


@pytest.mark.parametrize(
    ("example_id", "received"),
    [("D019", "2021-11-01T01:58:16Z"), ("D020", "2021-11-01T01:58:07Z")],
)
def test_tag_blocks_of_a_satellite_feed_give_the_receive_time(example_id, received, tmp_path):
    example = EXAMPLES[example_id]  # c:1635731896 and c:1635731887, besides the time of relay
    path = tmp_path / "example.nmea"
    (sentence,) = example["sentences"]
    path.write_text(f"\\{example['tag_block']}\\{sentence}", encoding="ascii")
    assert [message["timestamp"] for message in decode(path)] == [received]
