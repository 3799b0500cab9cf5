import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from archives import ARCHIVES
from vesseltrack import engine
from vesseltrack.store import Store

# A shared machine stalls at times: a deadline would fail at random.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of `vesseltrack demo`: every shipped archive, end to end. Read only."""
    store = Store.open(tmp_path_factory.mktemp("demo") / "store", create=True)
    engine.run(store, ARCHIVES)
    return store


@pytest.fixture
def vesseltrack(tmp_path: Path):
    """The command line as a user runs it, in an empty folder."""

    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vesseltrack", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, check=False, **options
        )

    return run
