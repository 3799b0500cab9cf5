import dataclasses
from dataclasses import dataclass

import pytest

from vesseltrack.config import Config, load_config
from vesseltrack.config.settings import section, setting, with_values
from vesseltrack.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    limit_kn: float = setting(2.0, unit="kn", source="a test")
    names: tuple[str, ...] = setting(("a",), unit="", source="a test")


@dataclass(frozen=True)
class Sheet:
    count: int = setting(3, unit="1", source="a test")
    most: float | None = setting(None, unit="m", source="a test")
    inner: Inner = section(Inner)


def test_values_replace_defaults_at_any_depth():
    sheet = with_values(Sheet, {"count": 5, "most": 2, "inner": {"limit_kn": 1, "names": ["b"]}})
    assert (sheet.count, sheet.most) == (5, 2.0)
    assert (sheet.inner.limit_kn, sheet.inner.names) == (1.0, ("b",))


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"cuont": 5}, "unknown key cuont; allowed here: count, inner, most"),
        ({"count": 1.5}, r"count must be int \[1\]; got 1.5"),
        ({"count": True}, r"count must be int \[1\]; got True"),
        ({"inner": 3}, "inner must be a table; got 3"),
        ({"inner": {"limit_kn": "slow"}}, r"inner.limit_kn must be float \[kn\]; got 'slow'"),
        ({"inner": {"names": [1]}}, r"inner.names must be"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values, complaint):
    with pytest.raises(ConfigError, match=complaint):
        with_values(Sheet, values)


def test_all_complaints_stand_in_one_message():
    with pytest.raises(ConfigError) as caught:
        with_values(Sheet, {"count": "x", "inner": {"nmaes": []}})
    assert "count must be int" in str(caught.value)
    assert "unknown key inner.nmaes" in str(caught.value)


def test_a_file_that_is_missing_or_no_toml_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.toml cannot be read"):
        load_config(tmp_path / "gone.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("a = ", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml is not TOML"):
        load_config(broken)


def _settings(kind, path):
    for field in dataclasses.fields(kind):
        value = getattr(kind(), field.name)
        if dataclasses.is_dataclass(value):
            yield from _settings(type(value), f"{path}.{field.name}")
        else:
            yield f"{path}.{field.name}", field


def test_every_setting_of_the_house_says_its_unit_and_source():
    settings = dict(_settings(Config, "config"))
    assert settings
    for name, field in settings.items():
        assert "unit" in field.metadata, name
        assert field.metadata.get("source"), name


def test_an_empty_file_gives_the_defaults(tmp_path):
    empty = tmp_path / "empty.toml"
    empty.touch()
    assert load_config(empty) == load_config() == Config()
