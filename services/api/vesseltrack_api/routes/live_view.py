"""What a feed or a replay shows now: latest positions, the ranking of its alerts, its events."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from fastapi import APIRouter, Request, Response

from vesseltrack.schema.plain import plain_rows
from vesseltrack_api import geometry, openapi
from vesseltrack_api.context import Context, Parts
from vesseltrack_api.features import GEOJSON, encode
from vesseltrack_api.live_clock import said
from vesseltrack_api.parameters import Bounds, bbox, given, integer

_HASH_FACTOR: Final = 2_654_435_761  # Knuth: spreads numbers that follow each other
_HASH_RANGE: Final = 1 << 32
_NOW: Final = {"Cache-Control": "no-store"}
_LATEST_NAMES: Final = tuple(parameter["name"] for parameter in openapi.LATEST_QUERY)
_RANKED_NAMES: Final = tuple(parameter["name"] for parameter in openapi.RANKED_QUERY)
router: Final = APIRouter(tags=["live"])


@router.get(
    "/live/vessels", openapi_extra=openapi.described(*openapi.LATEST_QUERY, media_type=GEOJSON)
)
def vessels(request: Request, parts: Parts) -> Response:
    """Return where vessels were last, as a feed or replay was shown them."""
    values = given(request, _LATEST_NAMES)
    box = bbox(values["bbox"]) if "bbox" in values else None
    most = _limit(values, parts, parts.settings.max_live_vessels)
    latest = parts.catalogue.store.live_latest()
    if box is not None:
        latest = latest.filter(pa.array(_is_in(latest, box)))
    rows = plain_rows(_some(latest, most))
    return _answer(parts, rows, "mmsi", latest.num_rows)


@router.get(
    "/live/leads", openapi_extra=openapi.described(*openapi.RANKED_QUERY, media_type=GEOJSON)
)
def leads(request: Request, parts: Parts) -> Response:
    """Return the leads as the alerts of a feed or replay rank them now, the first one first.

    The record is `/collections/leads`, once what was received is analysed.
    """
    values = given(request, _RANKED_NAMES)
    most = _limit(values, parts, parts.settings.default_limit)
    ranked = parts.catalogue.store.live_leads()
    return _answer(parts, plain_rows(ranked.slice(0, most)), "lead_id", ranked.num_rows)


@router.get(
    "/live/events", openapi_extra=openapi.described(*openapi.RANKED_QUERY, media_type=GEOJSON)
)
def events(request: Request, parts: Parts) -> Response:
    """Return the alerts as they stand, the one told last first; `/live?after=` goes on from here.

    That is behind the number `sequence` of the answer.
    """
    values = given(request, _RANKED_NAMES)
    most = _limit(values, parts, parts.settings.max_limit)
    store = parts.catalogue.store
    status = store.live_status()
    at = None if status is None else status.at
    sequence, rows = parts.alerts.standing(store, at, parts.settings.live_window_h)
    return _answer(parts, rows[:most], "event_id", len(rows), sequence=sequence)


def _limit(values: dict[str, str], parts: Context, default: int) -> int:
    if "limit" not in values:
        return default
    return min(integer("limit", values["limit"], 1, _HASH_RANGE), parts.settings.max_limit)


def _answer(
    parts: Context, rows: list[dict[str, Any]], identifier: str, n_matched: int, **more: int
) -> Response:
    status = parts.catalogue.store.live_status()
    document = {
        "type": "FeatureCollection",
        "clock": None if status is None else said(status),
        "numberMatched": n_matched,
        "numberReturned": len(rows),
        **more,
        "features": [
            {
                "type": "Feature",
                "id": row[identifier],
                "geometry": geometry.point(row["lat"], row["lon"]),
                "properties": row,
            }
            for row in rows
        ],
    }
    return Response(encode(document), media_type=GEOJSON, headers=_NOW)


def _is_in(latest: pa.Table, box: Bounds) -> Any:  # noqa: ANN401 - a mask of numpy
    west, south, east, north = box
    lat, lon = latest["lat"].to_numpy(), latest["lon"].to_numpy()
    is_east_of, is_west_of = lon >= west, lon <= east
    is_between = is_east_of & is_west_of if west <= east else is_east_of | is_west_of
    return (lat >= south) & (lat <= north) & is_between


def _some(latest: pa.Table, most: int) -> pa.Table:
    """Return so many vessels at most: the same ones at every look, spread over all."""
    if latest.num_rows <= most:
        return latest
    mixed = latest["mmsi"].to_numpy().astype(np.uint64) * _HASH_FACTOR % _HASH_RANGE
    return latest.take(pa.array(np.sort(np.argpartition(mixed, most)[:most])))
