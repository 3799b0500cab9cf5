"""How far a feed or a replay is, as JSON values."""

from datetime import UTC, datetime
from typing import Any

from vesseltrack.schema import LiveStatus


def said(status: LiveStatus) -> dict[str, Any]:
    """Return what a feed or a replay last said of itself.

    Parameters
    ----------
    status : LiveStatus
        As it was said.

    Returns
    -------
    document : dict
        Its fields, times as ISO 8601 text with `Z`; `age_s` is how long ago it was said [s].
    """
    return {
        "id": identifier(status),
        "source": status.source,
        "state": str(status.state),
        "at": _text(status.at),
        "since": _text(status.since),
        "until": _text(status.until),
        "speed": status.speed,
        "behind_s": status.behind_s,
        "age_s": round((datetime.now(UTC) - status.written).total_seconds(), 1),
        "n_vessels": status.n_vessels,
        "n_latest": status.n_latest,
        "n_leads": status.n_leads,
    }


def identifier(status: LiveStatus) -> str:
    """Return what a feed or a replay is known by: when it began."""
    return f"{status.begun.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
