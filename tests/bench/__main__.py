"""Speed as ratios against peers in the same run: `make bench`.

A ratio is the peer's time over ours, the median of five interleaved rounds after one to warm up:
above 1 we are faster. Time is that on processors, and what the clock says stands beside it.
Absolute rates are this machine's and this moment's. `make bench ARGS='nmea csv'` prints some rows.

Tables of their own, each with what may follow its name:

- `FILE.csv ...` of port pairs (fixtures/routes/pub151_sample.csv): sea routes
- `mutations`: a seeded mutator against a million lines
- `live [SECONDS]`: what one core takes of a live feed
- `live-restart [SECONDS]`: the same, ended and killed in the middle and begun again: what is lost
- `live-fold [SECONDS]`: what the live engine takes of 20,000 positions/s
- `live-drops [MINUTES]`: what its drop-offs and pick-ups alone take, and hold
- `encounter-fold [SECONDS [PERCENT]]`: what encounters alone take of a live feed, of which some
  report every three minutes
- `run [ROWS]`: what a run takes, for days of so many rows of vessels that wander, and that sail
- `detectors [ROWS]`, `encounters [ROWS]`: behaviours on so many fixes
- `planted [SEED ...]`: how many planted behaviours are found
- `drops [N]`: how many of the drop-offs planted into an archive are found, N of each
- `drops class [N [SEED ...]]`: how many of the class that the bar names, N of each water
- `sets [FILE ...]`: how far ships near one another are set alike by the water
- `alerts [FILE ...]`: how often an analyst is called by untouched archives
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import encounter_fold  # noqa: E402 - found through the path set above
import live  # noqa: E402 - as above
import live_drops  # noqa: E402 - as above
import live_fold  # noqa: E402 - as above
import restart  # noqa: E402 - as above
from alerts import print_alerts  # noqa: E402 - as above
from behaviours import print_detectors, print_encounters  # noqa: E402 - as above
from csv_speed import print_csv_speed  # noqa: E402 - as above
from drop_class import print_class  # noqa: E402 - as above
from drops import print_drops  # noqa: E402 - as above
from mutations import print_mutations  # noqa: E402 - as above
from peers import comparisons  # noqa: E402 - as above
from planted_table import print_planted  # noqa: E402 - as above
from ratios import measured  # noqa: E402 - as above
from sea_table import print_table  # noqa: E402 - as above
from sets import print_sets  # noqa: E402 - as above
from whole_run import print_run  # noqa: E402 - as above


def _print_drops(words: list[str]) -> None:
    if words[:1] == ["class"]:
        print_class(*map(int, words[1:]))
    else:
        print_drops(*map(int, words))


TABLES: Final[Mapping[str, Callable[[list[str]], None]]] = {
    "mutations": lambda _: print_mutations(),
    "live": lambda words: live.main(*map(int, words)),
    "live-restart": lambda words: restart.main(*map(int, words)),
    "live-fold": lambda words: live_fold.main(*map(int, words)),
    "live-drops": lambda words: live_drops.main(*map(int, words)),
    "encounter-fold": lambda words: encounter_fold.main(*map(int, words)),
    "run": lambda words: print_run(*map(int, words)),
    "detectors": lambda words: print_detectors(*map(int, words)),
    "encounters": lambda words: print_encounters(*map(int, words)),
    "planted": print_planted,
    "drops": _print_drops,
    "sets": lambda words: print_sets(*words),
    "alerts": lambda words: print_alerts([Path(name) for name in words]),
}


def main(words: list[str]) -> None:
    """Print a table, a row as soon as it is measured."""
    if words and words[0] in TABLES:
        TABLES[words[0]](words[1:])
        return
    if files := [Path(word) for word in words if word.endswith(".csv")]:
        print_table(files)
        return
    print(f"{'job':<44} {'ours':>14}  {'ratio':>10}  {'spread':<18} {'by clock':>10}  peer")
    for comparison in comparisons(set(words)):
        print(measured(comparison), flush=True)
    if not words or "csv" in words:
        print_csv_speed()


main(sys.argv[1:])
