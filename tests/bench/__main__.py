"""Speed as ratios against peers in the same run: `make bench`.

A ratio is the peer's time over ours, the median of five interleaved rounds after one to warm up:
above 1 we are faster. Absolute rates are this machine's and this moment's. With a file of port
pairs, `make bench ARGS=fixtures/routes/pub151_sample.csv`, the table of sea routes is printed;
with `make bench ARGS=mutations` what becomes of a million lines with faults.
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import mutations  # noqa: E402 - found through the path set above
from peers import comparisons  # noqa: E402 - as above
from ratios import measured  # noqa: E402 - as above
from sea_table import print_table  # noqa: E402 - as above


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    files = [Path(name) for name in sys.argv[1:] if name.endswith(".csv")]
    if files:
        print_table(files)
        return
    if sys.argv[1:] == ["mutations"]:
        mutations.main()
        return
    print(f"{'job':<44} {'ours':>14}  {'ratio':>10}  {'spread':<18} peer")
    for comparison in comparisons(set(sys.argv[1:])):
        print(measured(comparison), flush=True)


main()
