"""Speed as ratios against peers in the same run: `make bench`.

A ratio is the peer's time over ours, the median of five interleaved rounds after one to warm up:
above 1 we are faster. Absolute rates are this machine's and this moment's. With a file of port
pairs, `make bench ARGS=fixtures/routes/pub151_sample.csv`, the table of sea routes is printed;
with `make bench ARGS=mutations` a seeded mutator is held against a million lines; with
`make bench ARGS=live`, or `ARGS='live 300'` for 300 s, what one core takes of a live feed;
with `make bench ARGS='live-fold 300'` what the live engine takes of 20,000 positions/s;
with `make bench ARGS=run`, or `ARGS='run 5000000'` for days of so many rows, what a run takes.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import live  # noqa: E402 - found through the path set above
import live_fold  # noqa: E402 - as above
from csv_speed import print_csv_speed  # noqa: E402 - as above
from mutations import print_mutations  # noqa: E402 - as above
from peers import comparisons  # noqa: E402 - as above
from ratios import measured  # noqa: E402 - as above
from sea_table import print_table  # noqa: E402 - as above
from whole_run import print_run  # noqa: E402 - as above


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    files = [Path(name) for name in sys.argv[1:] if name.endswith(".csv")]
    if files:
        print_table(files)
        return
    if sys.argv[1:] == ["mutations"]:
        print_mutations()
        return
    if sys.argv[1:2] == ["live"]:
        live.main(int(sys.argv[2]) if sys.argv[2:] else None)
        return
    if sys.argv[1:2] == ["live-fold"]:
        live_fold.main(int(sys.argv[2]) if sys.argv[2:] else 300)
        return
    if sys.argv[1:2] == ["run"]:
        print_run(*map(int, sys.argv[2:3]))
        return
    print(f"{'job':<44} {'ours':>14}  {'ratio':>10}  {'spread':<18} peer")
    for comparison in comparisons(set(sys.argv[1:])):
        print(measured(comparison), flush=True)
    if not sys.argv[1:] or "csv" in sys.argv[1:]:
        print_csv_speed()


main()
