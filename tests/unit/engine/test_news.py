"""What of an engine's events is new, whoever told of them before."""

from datetime import timedelta

from alert_tables import T0, told
from vesseltrack.engine.news import News


def rows(*differing):
    return told(*({"event_id": "e", **row} for row in differing)).to_pylist()


def later(hours):
    return {"end": T0 + timedelta(hours=hours)}


FINAL = {"status": "final", "is_open": False}


def news_after(*told_before, is_past=False):
    news = News()
    news.learn(rows(*told_before), is_past=is_past)
    return news


def test_what_nobody_was_told_is_told_as_it_is():
    assert News().of(rows({"revision": 7})) == rows({"revision": 7})


def test_the_same_is_not_told_again_whatever_its_revision():
    assert news_after({}).of(rows({"revision": 9})) == []


def test_revisions_go_on_behind_those_that_were_told():
    (row,) = news_after({"revision": 5}).of(rows({"revision": 2, **later(9)}))
    assert row["revision"] == 6


def test_who_begins_again_does_not_tell_of_an_event_that_ended_as_if_it_went_on():
    for is_past in (False, True):
        assert news_after({**FINAL, **later(5)}, is_past=is_past).of(rows(later(3))) == []


def test_an_earlier_end_is_no_news_of_an_earlier_process_but_of_this_one():
    assert news_after(later(5), is_past=True).of(rows(later(3))) == []
    assert len(news_after(later(5)).of(rows(later(3)))) == 1
    assert len(news_after(later(5), is_past=True).of(rows(later(6)))) == 1


def test_an_end_is_told_and_another_end_corrects_it():
    news = news_after(later(5), is_past=True)
    (row,) = news.of(rows({**FINAL, **later(4)}))
    news.learn([row])
    assert news.of(rows({**FINAL, **later(4)})) == []
    (row,) = news.of(rows({**FINAL, **later(6)}))
    assert (row["status"], row["revision"]) == ("final", 3)


def test_what_was_withdrawn_may_return():
    news = news_after({"status": "withdrawn"}, is_past=True)
    (row,) = news.of(rows({}))
    assert (row["status"], row["revision"]) == ("open", 2)


def test_withdrawn_it_is_the_next_revision_and_goes_on_no_more():
    (row,) = rows({"revision": 3})
    gone = News().withdrawn({"sequence": 9, "appended": T0, **row})
    assert (gone["status"], gone["revision"], gone["is_open"]) == ("withdrawn", 4, False)
    assert gone.keys() == row.keys()
