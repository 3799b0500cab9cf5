"""The real command in copies of a process that has imported it: a fifth of the time of a start.

The copy is made before any library has threads, and ends as a process of its own. That it changes
the same files as the command started anew is held against that by who uses it.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

import vesseltrack.cli
from ingest_faults import Ended, Work, told

# What ingest imports as it goes.
_IMPORTED = ("pandas", "pyais", "vesseltrack.cli.app", "vesseltrack.engine")


class Forks:
    """A process that ingests on request; `run` is that of `Work`."""

    def __init__(self, work: Work) -> None:
        """Start it with the library that makes writes fail."""
        self._work = work
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={
                **os.environ,
                "LD_PRELOAD": str(work.preload()),
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, store: Path, **fault: object) -> Ended:
        """Ingest into a store, with `AT`, `ERRNO`, `ONCE`, `LOG` of the library."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said = store.with_name(f"{store.name}.said")
        asked = self._work.arguments(store), told(store, fault) if fault else {}, str(said)
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        return Ended(int(self._process.stdout.readline()), said.read_text(encoding="utf-8"))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _serve() -> None:
    for name in _IMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        arguments, environment, said = json.loads(line)
        child = os.fork()
        if not child:
            _be_the_command(arguments, environment, said)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_the_command(arguments: list[str], environment: dict[str, str], said: str) -> None:
    """Become what `vesseltrack` with these arguments would be, and end."""
    for descriptor, path in ((0, os.devnull), (1, os.devnull), (2, said)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644), descriptor)
    os.environ.update(environment)
    sys.argv = ["vesseltrack", *arguments]
    code: object = 1
    try:
        vesseltrack.cli.main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter would
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    _serve()
