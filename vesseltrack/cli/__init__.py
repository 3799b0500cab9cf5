"""The command line: one sub-command a verb, each in the module of its kind.

Exit codes: 0 done, 1 the work failed (one line on stderr), 2 wrong usage.
"""

import os
import sys

from vesseltrack.errors import VesseltrackError


def main() -> None:
    """Run the command line and exit with its code."""
    # Before numpy is loaded: our matrices are small, and where cores are busy threads of BLAS wait
    # for one another many times longer than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from vesseltrack.cli.app import app

    try:
        app(prog_name="vesseltrack")
    except VesseltrackError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("interrupted; what was committed stays, run again to resume")
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))


def _fail(reason: str) -> None:
    from vesseltrack.cli.text import one_line

    print(f"vesseltrack: {one_line(reason)}", file=sys.stderr)
    sys.exit(1)
