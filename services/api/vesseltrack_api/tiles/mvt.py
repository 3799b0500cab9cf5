"""Mapbox Vector Tiles, encoded with numpy: one layer of points or of lines.

References
----------
.. [1] Mapbox Vector Tile Specification 2.1, https://github.com/mapbox/vector-tile-spec
"""

import itertools
import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack_api.tiles.grid import EXTENT, Ints

Value = str | int | float | bool | None

_MOVE_TO: Final = 1
_LINE_TO: Final = 2
_COUNT_SHIFT: Final = 3
_VARINT_BYTES: Final = 10  # a 64-bit number in groups of 7 bits

# Keys of the protocol buffer messages: field number << 3 | wire type.
_TILE_LAYER: Final = b"\x1a"
_LAYER_NAME, _LAYER_FEATURE, _LAYER_KEY, _LAYER_VALUE = b"\x0a", b"\x12", b"\x1a", b"\x22"
_LAYER_EXTENT, _LAYER_VERSION = b"\x28", b"\x78"
_FEATURE_TAGS, _FEATURE_TYPE, _FEATURE_GEOMETRY = b"\x12", b"\x18", b"\x22"
_VALUE_STRING, _VALUE_DOUBLE, _VALUE_SINT, _VALUE_BOOL = b"\x0a", b"\x19", b"\x30", b"\x38"


class Kind(IntEnum):
    """Geometry types."""

    POINT = 1
    LINE = 2


def layer(
    name: str, kind: Kind, xy: Ints, offsets: Ints, properties: Mapping[str, Sequence[Value]]
) -> bytes:
    """Return a tile with one layer; empty bytes when it has no features.

    Parameters
    ----------
    name : str
        The layer's name.
    kind : Kind
        POINT: one point a feature; LINE: one line a feature.
    xy : (n, 2)
        Tile coordinates, x to the right and y down, of all features one after the other. A line
        has no two equal points in a row and at least two points.
    offsets : (n_features + 1,)
        Feature i is `xy[offsets[i]:offsets[i + 1]]`.
    properties : mapping of name to (n_features,)
        None leaves the property out of that feature.
    """
    n_features = offsets.size - 1
    if n_features == 0:
        return b""
    geometries = _geometries(kind, xy, offsets)
    tags, values = _tags(properties, n_features)
    kind_bytes = _FEATURE_TYPE + _varint(kind)
    features = [
        _field(
            _LAYER_FEATURE,
            _field(_FEATURE_TAGS, tag) + kind_bytes + _field(_FEATURE_GEOMETRY, geometry),
        )
        for tag, geometry in zip(tags, geometries, strict=True)
    ]
    body = b"".join(
        [
            _field(_LAYER_NAME, name.encode()),
            *features,
            *(_field(_LAYER_KEY, key.encode()) for key in properties),
            *(_field(_LAYER_VALUE, value) for value in values),
            _LAYER_EXTENT + _varint(EXTENT),
            _LAYER_VERSION + _varint(2),
        ]
    )
    return _field(_TILE_LAYER, body)


def varints(numbers: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Return non-negative numbers as one run of varints, and where each begins.

    Returns
    -------
    encoded : (n_bytes,)
        The varints, one after the other.
    begin : (n + 1,)
        Number i is `encoded[begin[i]:begin[i + 1]]`.
    """
    length = np.ones(numbers.size, dtype=np.int64)
    for group in range(1, _VARINT_BYTES):
        length += numbers >> (7 * group) > 0
    begin = np.concatenate(([0], np.cumsum(length)))
    encoded = np.zeros(begin[-1], dtype=np.uint8)
    for group in range(int(length.max(initial=0))):
        there = length > group
        more = np.where(length[there] > group + 1, 0x80, 0)
        encoded[begin[:-1][there] + group] = (numbers[there] >> (7 * group)) & 0x7F | more
    return encoded, begin


def _geometries(kind: Kind, xy: Ints, offsets: Ints) -> list[bytes]:
    """Return each feature's commands: go to the first point, then line to the others."""
    first, n_points = offsets[:-1], np.diff(offsets)
    # Each geometry starts from the tile's corner; within it, every point from the one before.
    steps = np.diff(xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    steps[first] = xy[first]
    zigzag = (steps << 1) ^ (steps >> 63)
    # Room for the commands: one before the first point and, in a line, one after it.
    n_commands = 1 if kind is Kind.POINT else 2
    row = np.repeat(np.arange(first.size), n_points)
    is_first = np.zeros(len(xy), dtype=np.int64)
    is_first[first] = 1
    place = 2 * np.arange(len(xy)) + n_commands * (row + 1)
    place -= is_first * (n_commands - 1)
    numbers = np.zeros(2 * len(xy) + n_commands * first.size, dtype=np.int64)
    numbers[place], numbers[place + 1] = zigzag[:, 0], zigzag[:, 1]
    begin = 2 * offsets + n_commands * np.arange(offsets.size)
    numbers[begin[:-1]] = _MOVE_TO | 1 << _COUNT_SHIFT
    if kind is Kind.LINE:
        numbers[begin[:-1] + 3] = _LINE_TO | (n_points - 1) << _COUNT_SHIFT
    return _slices(numbers, begin)


def _tags(properties: Mapping[str, Sequence[Value]], n: int) -> tuple[list[bytes], list[bytes]]:
    """Return each feature's key and value numbers, and the layer's different values."""
    place_of: dict[bytes, int] = {}
    tags = np.full((n, len(properties), 2), -1, dtype=np.int64)
    for key, values in enumerate(properties.values()):
        numbers = [
            -1 if value is None else place_of.setdefault(_value(value), len(place_of))
            for value in values
        ]
        tags[:, key, 0], tags[:, key, 1] = key, numbers
    there = tags[:, :, 1] >= 0
    begin = np.concatenate(([0], np.cumsum(2 * there.sum(axis=1))))
    return _slices(tags[there].ravel(), begin), list(place_of)


def _slices(numbers: Ints, begin: Ints) -> list[bytes]:
    encoded, byte_of = varints(numbers)
    data, cuts = encoded.tobytes(), byte_of[begin].tolist()
    return [data[a:b] for a, b in itertools.pairwise(cuts)]


def _value(value: str | float) -> bytes:
    if isinstance(value, bool):
        return _VALUE_BOOL + _varint(int(value))
    if isinstance(value, int):
        return _VALUE_SINT + _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if isinstance(value, float):
        return _VALUE_DOUBLE + struct.pack("<d", value)
    return _field(_VALUE_STRING, value.encode())


def _field(key: bytes, body: bytes) -> bytes:
    return key + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - the seven bits of a group
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
