"""Whatever is asked, the answer is an answer or a problem document, never a fault."""

import json
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesseltrack_api.collections import COLLECTIONS
from vesseltrack_api.parameters import ITEM_PARAMETERS

NAMES = sorted(
    {*ITEM_PARAMETERS, "f", "x", *(q for c in COLLECTIONS.values() for q in c.queryables)}
)
NASTY = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "NaN",
        "inf",
        "1e400",
        "9" * 30,
        "..",
        "../..",
        "null",
        "\0",
        "'",
        "%",
        "\ud800",
        "1,2,3,4",
        "-180,-90,180,90",
        "180,0,-180,1",
        "0001-01-01",
        "9999-12-31/..",
        "true",
        "e-01",
        "0000-00-00T00:00:00Z",
        "2021-01-01T00:00:00+99:99",
        "8" * 16,
        "{",
        "\u202e",
        "😀" * 300,
    ]
)
VALUE = st.one_of(NASTY, st.text(max_size=20), st.integers().map(str), st.floats().map(str))
SEGMENT = st.one_of(
    st.sampled_from([*COLLECTIONS, "items", "tracks", "0", "1", "0.mvt", ".."]), VALUE
)


def escaped(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def is_proper(response):
    """An answer within the contract; JSON without NaN."""

    def refuse(name):
        raise AssertionError(name)

    assert response.status_code in (200, 400, 404, 422), response.text
    if "json" in response.headers["content-type"]:
        json.loads(response.content, parse_constant=refuse)
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


quiet = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quiet
@given(
    st.sampled_from(list(COLLECTIONS)),
    st.lists(st.tuples(st.sampled_from(NAMES), VALUE), max_size=4),
)
def test_items(api, name, query):
    text = "&".join(f"{key}={escaped(value)}" for key, value in query)
    is_proper(api.get(f"/collections/{name}/items?{text}"))


@quiet
@given(st.lists(SEGMENT, max_size=5), st.binary(max_size=10))
def test_paths(api, segments, query):
    path = "/".join(escaped(segment) for segment in segments)
    response = api.get(f"{str(api.base_url).rstrip('/')}/{path}?{quote(query)}")
    # The map may not be built here.
    if not path.startswith("map"):
        is_proper(response)


@quiet
@given(VALUE, VALUE, VALUE)
def test_tiles(api, z, x, y):
    is_proper(api.get(f"/tiles/tracks/{escaped(z)}/{escaped(x)}/{escaped(y)}.mvt"))


@quiet
@given(VALUE, VALUE, st.sampled_from(["avoid", "via", "draught_m", "length_m"]), VALUE)
def test_routes(api, start, end, name, value):
    is_proper(api.get(f"/routes?from={escaped(start)}&to={escaped(end)}&{name}={escaped(value)}"))
