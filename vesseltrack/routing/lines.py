"""One way by sea as a line, and places as text."""

from dataclasses import dataclass

from vesseltrack.core.geodesy import Floats


@dataclass(frozen=True, eq=False)
class Line:
    """A way by sea: its length [m], its vertices [deg], and how far its ends lie off [m]."""

    distance_m: float
    lat: Floats
    lon: Floats
    snap_m: tuple[float, float]

    def reversed(self) -> "Line":
        """Return the same way from the other end."""
        return Line(self.distance_m, self.lat[::-1], self.lon[::-1], self.snap_m[::-1])


def place(lat: float, lon: float) -> str:
    """Return a point as text for people."""
    return f"{lat:.4f},{lon:.4f}"
