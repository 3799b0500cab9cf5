"""Speed as ratios against peers in the same run: `make bench`.

A ratio is the peer's time over ours, the median of five interleaved rounds after one to warm up:
above 1 we are faster. Absolute rates are this machine's and this moment's. With a file of port
pairs, `make bench ARGS=fixtures/routes/pub151_sample.csv`, the table of sea routes is printed.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from csv_speed import print_csv_speed  # noqa: E402 - found through the path set above
from peers import comparisons  # noqa: E402 - as above
from ratios import measured  # noqa: E402 - as above
from sea_table import print_table  # noqa: E402 - as above


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    files = [Path(name) for name in sys.argv[1:] if name.endswith(".csv")]
    if files:
        print_table(files)
        return
    print(f"{'job':<44} {'ours':>14}  {'ratio':>10}  {'spread':<18} peer")
    for comparison in comparisons(set(sys.argv[1:])):
        print(measured(comparison), flush=True)
    if not sys.argv[1:] or "csv" in sys.argv[1:]:
        print_csv_speed()


main()
