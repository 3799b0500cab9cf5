"""What is settled before the libraries of numbers are loaded."""

import os
import subprocess
import sys

_SAYS_THREADS = """
import os, sys
import vesseltrack.cli
assert "numpy" not in sys.modules
sys.argv = ["vesseltrack", "--version"]
try:
    vesseltrack.cli.main()
except SystemExit:
    print(os.environ["OPENBLAS_NUM_THREADS"])
"""


def threads_with(**environment):
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", _SAYS_THREADS]
    done = subprocess.run(
        command, env={**kept, **environment}, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[-1]


def test_matrices_are_worked_on_in_one_thread():
    assert threads_with() == "1"


def test_whoever_wants_more_threads_gets_them():
    assert threads_with(OPENBLAS_NUM_THREADS="4") == "4"
