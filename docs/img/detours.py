"""Draw the figures of the pages on voyages and route deviation: `python docs/img/detours.py`.

From the shipped archive of January 2021: CONTAINERSHIPS POLAR from Rotterdam to St Petersburg as
she sailed, and from St Petersburg to Riga with a dog-leg planted into it.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from dog_legs import (  # noqa: E402 - found through the path set above
    VOYAGES,
    Track,
    found_in,
    positions_of,
    real_track,
    with_dog_leg,
)
from vesseltrack import engine  # noqa: E402 - as above
from vesseltrack.plots import VoyageChart, plot_voyage  # noqa: E402 - as above

LENGTH_M = 152.0
SHARE = 0.2


def draw(track: Track, start_us: int, end_us: int, title: str, name: str) -> None:
    """Draw the part of a track between two times against its route."""
    inside = np.flatnonzero((track.t_us >= start_us) & (track.t_us <= end_us))
    compared = engine.compare(
        positions_of(track.keeping(inside)), ship=engine.Ship(length_m=LENGTH_M)
    )
    origin, destination = title.split(": ")[1].split(",", maxsplit=1)[0].split(" to ")
    plot_voyage(VoyageChart(title, origin, destination, compared), HERE / name)
    print(f"{name}: {compared.travelled_nm:.1f} nm sailed, {compared.shortest_nm:.1f} shortest,")
    print(f"  {compared.excess_nm:.1f} more, cross track {compared.max_cross_track_nm:.1f},")
    print(f"  Fréchet {compared.frechet_nm:.1f}; legs {[leg.as_json() for leg in compared.legs]}")


def main() -> None:
    """Draw both."""
    mmsi, _, archive = VOYAGES["Rotterdam to St Petersburg"]
    track = real_track(mmsi, archive)
    first, second, _ = found_in(track).voyages
    spans = [
        [round(voyage[end].timestamp() * 1e6) for end in ("start", "end")]
        for voyage in (first, second)
    ]
    draw(track, *spans[0], "CONTAINERSHIPS POLAR: Rotterdam to St Petersburg", "voyage-direct.png")
    planted, plant = with_dog_leg(track, second, SHARE * second["shortest_nm"])
    delay_us = plant.end_us - plant.start_us
    draw(
        planted,
        spans[1][0],
        spans[1][1] + delay_us,
        "CONTAINERSHIPS POLAR: St Petersburg to Riga, with a planted dog-leg",
        "voyage-dog-leg.png",
    )


if __name__ == "__main__":
    main()
