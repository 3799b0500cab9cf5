"""Tracks in time, as OGC API Moving Features serves a moving feature.

References
----------
.. [1] OGC API - Moving Features - Part 1: Core (22-003r3), TemporalGeometrySequence.
.. [2] OGC Moving Features Encoding Extension - JSON (19-045r3), MovingPoint, ParametricValues.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.errors import NotFoundError
from vesseltrack.schema.plain import iso_times
from vesseltrack.store import Store
from vesseltrack_api.errors import echoed

_CRS: Final = {
    "type": "Name",
    "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"},
}
_TRS: Final = {
    "type": "Name",
    "properties": {"name": "urn:ogc:data:time:iso8601"},
}
_KNOT: Final = "KNT"  # UN/CEFACT Recommendation 20, as the standard asks for
_DECIMALS: Final = 6


def temporal_geometry_sequence(store: Store, segment_id: str) -> dict[str, Any]:
    """Return the fixes of a segment as a moving point with its speed.

    Where several fixes share an instant, the first stands: a point is in one place at a time.

    Parameters
    ----------
    store : Store
        Where the fixes are.
    segment_id : str
        The segment.

    Returns
    -------
    document : dict
        A TemporalGeometrySequence of one MovingPoint, with `temporalProperties` beside it: the
        speed over ground at the instants where it is known.

    Raises
    ------
    NotFoundError
        If there is no such segment.
    """
    fixes = store.fixes_of([segment_id])
    if fixes.num_rows == 0:
        msg = f"collection tracks has no item {echoed(segment_id)!r}"
        raise NotFoundError(msg)
    time_us = fixes["timestamp"].cast(pa.int64()).to_numpy()
    fixes = fixes.filter(pa.array(np.diff(time_us, prepend=time_us[0] - 1) > 0))
    places = np.stack([fixes["lon"].to_numpy(), fixes["lat"].to_numpy()], axis=1)
    known = fixes.filter(fixes["sog_kn"].is_valid())
    return {
        "type": "TemporalGeometrySequence",
        "geometrySequence": [
            {
                "id": segment_id,
                "type": "MovingPoint",
                "datetimes": iso_times(fixes["timestamp"]),
                "coordinates": places.round(_DECIMALS),
                "interpolation": "Linear",
            }
        ],
        "temporalProperties": [
            {
                "datetimes": iso_times(known["timestamp"]),
                "sog_kn": {
                    "type": "Measure",
                    "form": _KNOT,
                    "values": known["sog_kn"].to_numpy(),
                    "interpolation": "Linear",
                },
            }
        ],
        "crs": _CRS,
        "trs": _TRS,
        "numberMatched": 1,
        "numberReturned": 1,
    }
