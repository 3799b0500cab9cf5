"""How far pairs are judged: all to one time, and those beyond it whose vessels go on reporting."""

import numpy as np

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import pair_keys
from vesseltrack.detect.close_quarters import Pairs


class Judged:
    """Up to when single pairs are judged, beyond the time to which all are.

    A vessel heard again since cannot be told to have been elsewhere: what two that both were did
    until then need not be looked at with every look at what is under way.
    """

    def __init__(self, interval_us: int) -> None:
        self._interval_us = interval_us
        self._ahead = Latest()

    @property
    def rows(self) -> Rows:
        """`key` of each pair and `next_us`, from when on it is not judged."""
        return self._ahead.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._ahead.rows = rows

    def known_until(self, pairs: Pairs, last: Rows) -> Ints:
        """Return until when all is known of both vessels, shape (n,).

        Parameters
        ----------
        pairs : Pairs
            Pairs close at check times.
        last : Rows
            `key` and `t_us` of the last fix of each vessel, keys rising.
        """
        never = np.iinfo(np.int64).min // 2
        times = []
        for keys in (pairs.key_1, pairs.key_2):
            place = np.minimum(np.searchsorted(last["key"], keys), last["key"].size - 1)
            times.append(np.where(last["key"][place] == keys, last["t_us"][place], never))
        # So that every check time up to an interval after it is told.
        whole = np.minimum(*times) // self._interval_us - 1
        return np.asarray(whole * self._interval_us)

    def left(self, pairs: Pairs) -> Pairs:
        """Return the pairs without what is judged of them."""
        key = pair_keys(pairs.key_1, pairs.key_2)
        never = np.iinfo(np.int64).min
        since_us = np.maximum(self._ahead.look_up("next_us", key, never), pairs.start_us)
        return pairs.between(since_us, pairs.stop_us, self._interval_us)

    def put(self, pairs: Pairs) -> None:
        """Take note that pairs are judged up to the end of what was asked of each."""
        key, row = np.unique(pair_keys(pairs.key_1, pairs.key_2), return_index=True)
        self._ahead.put({"key": key, "next_us": pairs.stop_us[row]})

    def forget(self, next_us: int) -> None:
        """Drop those judged no farther than all are [us]."""
        self._ahead.keep(self._ahead.column("next_us") > next_us)
