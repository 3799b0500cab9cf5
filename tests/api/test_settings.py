import pytest
from pydantic import ValidationError

from vesseltrack_api.settings import ApiSettings


def test_defaults():
    settings = ApiSettings()
    assert (settings.default_limit, settings.max_limit) == (100, 10_000)


def test_the_environment_changes_them(monkeypatch):
    monkeypatch.setenv("VESSELTRACK_API_MAX_LIMIT", "500")
    monkeypatch.setenv("VESSELTRACK_API_CORS_ORIGINS", '["https://example.org"]')
    settings = ApiSettings()
    assert settings.max_limit == 500
    assert settings.cors_origins == ("https://example.org",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"default_limit": 20, "max_limit": 10}, "default_limit must be at most 10; got 20"),
        ({"default_limit": 0}, "greater than or equal to 1"),
        ({"public_url": "ftp://example.org"}, "should match pattern"),
        ({"colour": "blue"}, "Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        ApiSettings(**values)
