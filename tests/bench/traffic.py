"""Vessels under way on the open sea as sentences, step by step, some of which stop at once."""

import numpy as np

from feed import armoured, sentence

STEP_S = 0.1
GROUPS = 21  # a vessel reports every 2.1 s: no report lies at 60 s behind another
SPEED_KN = 14.0
STANDSTILL_KN = 0.2
LENGTH_M = 180
FIRST_MMSI = 211_000_001
DEGREES_A_SECOND = SPEED_KN / 3600 / 60  # northwards
STATICS_A_STEP = 20


class Traffic:
    """Vessels in a wide grid of the Pacific, all bound north; the first of them are planted.

    A planted vessel stops between two reports at a moment of its own and stays there: after 60 s
    that is a sudden speed change.
    """

    def __init__(self, rate, n_planted, lasts_s, seed):
        rng = np.random.default_rng(seed)
        n = round(rate * STEP_S) * GROUPS
        side = int(np.ceil(np.sqrt(n)))
        place = rng.permutation(n)
        self.mmsi = FIRST_MMSI + np.arange(n)
        self._lat = -45 + 30 * (place // side) / side
        self._lon = -150 + 60 * (place % side) / side
        self._stop_s = np.full(n, np.inf)
        # Way on for the rule's minute first, and time to be told of before the end.
        self._stop_s[:n_planted] = rng.uniform(75, max(80, lasts_s - 75), n_planted)
        self.first_slow = {}  # by MMSI, the step of its first slow report
        self._next_static = 0

    def step(self, k):
        """Return the MMSI that report in a step, and their lines with some static reports."""
        which = np.arange(k % GROUPS, self.mmsi.size, GROUPS)
        now_s = k * STEP_S
        sailed_s = np.minimum(now_s, self._stop_s[which])
        is_slow = now_s >= self._stop_s[which]
        for mmsi in self.mmsi[which[is_slow]].tolist():
            self.first_slow.setdefault(mmsi, k)
        lat = self._lat[which] + DEGREES_A_SECOND * sailed_s
        sog = np.where(is_slow, STANDSTILL_KN, SPEED_KN)
        lines = [
            sentence(b"1,1,", b"A", payload) + b"\n"
            for payload in reports(self.mmsi[which], lat, self._lon[which], sog)
        ]
        said = np.arange(self._next_static, self._next_static + STATICS_A_STEP) % self.mmsi.size
        self._next_static += STATICS_A_STEP
        for n, payload in enumerate(statics(self.mmsi[said])):
            for part, text in ((b"1", payload[:59]), (b"2", payload[59:])):
                lines.append(sentence(b"2,%s,%d" % (part, n % 10), b"B", text) + b"\n")
        return self.mmsi[which], lines


def reports(mmsi, lat, lon, sog):
    """Payloads of position reports of class A."""
    n = mmsi.size

    def fixed(value, width):
        return np.full(n, value), width

    place = [
        ((np.round(degrees * 600_000).astype(np.int64)) & ((1 << width) - 1), width)
        for degrees, width in ((lon, 28), (lat, 27))
    ]
    head = [fixed(1, 6), fixed(0, 2), (mmsi, 30), fixed(0, 4), fixed(0x80, 8)]
    speed = [(np.round(sog * 10).astype(np.int64), 10), fixed(1, 1)]
    return armoured([*head, *speed, *place, fixed(0, 12), fixed(0, 9), fixed(0, 31)])


def statics(mmsi):
    """Payloads of static reports of tankers."""
    n = mmsi.size

    def fixed(value, width):
        return np.full(n, value), width

    # Each its own name: who shares one is looked at as the same ship under another number.
    digits = [(48 + mmsi // 10**place % 10, 6) for place in range(8, -1, -1)]
    name = [*digits, *[fixed(32, 6)] * 11]
    hull = [fixed(LENGTH_M - 30, 9), fixed(30, 9), fixed(15, 6), fixed(15, 6)]
    head = [fixed(5, 6), fixed(0, 2), (mmsi, 30), fixed(0, 2), fixed(0, 30)]
    rest = [*hull, fixed(1, 4), fixed(0, 20), fixed(100, 8), *name, fixed(0, 2)]
    return armoured([*head, *digits[2:], *name, fixed(80, 8), *rest])
