"""A replay is steered from another terminal by what its status and its requests say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import typer

from vesseltrack.cli.steering import steer
from vesseltrack.errors import VesseltrackError
from vesseltrack.schema import LiveState, LiveStatus
from vesseltrack.store import Store

SINCE = datetime(2021, 1, 8, tzinfo=UTC)
PLAYING = LiveStatus(
    "replay",
    LiveState.PLAYING,
    begun=datetime(2024, 5, 1, 12, tzinfo=UTC),
    written=datetime(2024, 5, 1, 12, 1, tzinfo=UTC),
    at=SINCE + timedelta(hours=6, minutes=5),
    since=SINCE,
    until=SINCE + timedelta(days=1),
    speed=600.0,
)


@pytest.fixture
def fed(tmp_path):
    """A store that a replay feeds."""
    store = Store.open(tmp_path / "store", create=True)
    store.show_live(PLAYING)
    return store


def asked(store):
    return [(one.begun, one.is_paused, one.at, one.is_stopped) for one in store.replay_requests()]


def test_it_says_how_far_the_replay_is(fed, capsys):
    steer(store=fed.path)
    assert capsys.readouterr().out == (
        "replay playing: at 2021-01-08 06:05:00 UTC, 600 times real time, of "
        "2021-01-08 00:00:00 UTC to 2021-01-09 00:00:00 UTC\n"
    )
    assert asked(fed) == []


def test_it_holds_moves_and_ends(fed):
    steer(store=fed.path, hold=True)
    steer(store=fed.path, hold=False, at="2021-01-08T12:00")
    steer(store=fed.path, end=True)
    assert asked(fed) == [
        (PLAYING.begun, True, None, False),
        (PLAYING.begun, False, SINCE + timedelta(hours=12), False),
        (PLAYING.begun, None, None, True),
    ]


def test_a_moment_that_is_not_played_is_refused(fed):
    with pytest.raises(typer.BadParameter, match="2021-01-10 00:00:00 UTC is outside of what is"):
        steer(store=fed.path, at="2021-01-10")
    with pytest.raises(typer.BadParameter, match="ends the replay: not with"):
        steer(store=fed.path, end=True, hold=True)
    assert asked(fed) == []


@pytest.mark.parametrize(
    "status",
    [
        None,
        replace(PLAYING, state=LiveState.ENDED),
        replace(PLAYING, state=LiveState.ANALYSING),
        replace(PLAYING, source="listen", state=LiveState.LISTENING),
    ],
)
def test_where_no_replay_is_under_way_it_says_so(tmp_path, status):
    store = Store.open(tmp_path / "store", create=True)
    if status is not None:
        store.show_live(status)
    with pytest.raises(VesseltrackError, match="no replay feeds"):
        steer(store=store.path, hold=True)
