import dataclasses

import pytest

from vesseltrack.config.ingest import ArchiveConfig, IngestConfig
from vesseltrack.errors import ConfigError


@pytest.mark.parametrize("kind", [IngestConfig, ArchiveConfig])
def test_limits_of_nothing_are_refused(kind):
    numbers = [f for f in dataclasses.fields(kind) if isinstance(f.default, int | float)]
    assert numbers
    for field in numbers:
        with pytest.raises(ConfigError, match=rf"^{field.name} must be positive \[.+\]; got 0$"):
            kind(**{field.name: 0})
