"""A made-up feed of AIS sentences: the mix of types and faults of a coastal network, by a seed."""

from functools import lru_cache

import numpy as np

N_VESSELS = 5000
MESSAGES_A_SECOND = 40
SHARES = {1: 0.53, 2: 0.01, 3: 0.18, 4: 0.04, 5: 0.07, 18: 0.09, 19: 0.005, 21: 0.015}
SHARES |= {24: 0.04, 27: 0.02}
TAGGED = 0.3  # of the messages, with station and time before them
BROKEN = 0.01  # of the sentences, with a wrong checksum
LETTERS = np.array([*range(48, 88), *range(96, 120)], np.uint8)  # of the values 0 to 63
WORDS = [
    "NORTH",
    "SEA",
    "STAR",
    "EVER",
    "OCEAN",
    "ATLANTIC",
    "PRINCESS",
    "QUEEN",
    "BALTIC",
    "VIKING",
    "PEARL",
    "LADY",
    "ANNA",
]
FILL_BITS = {12: 2, 46: 4}  # of the last sentence of type 5 and of type 21, by length
START_S = 1_709_294_400  # 2024-03-01 12:00 UTC


def feed(n_messages, seed):
    """Lines of a feed of so many messages, some of them in two sentences."""
    rng = np.random.default_rng(seed)
    types = rng.choice(list(SHARES), n_messages, p=np.array(list(SHARES.values())))
    payloads = np.empty(n_messages, object)
    for type_ in SHARES:
        which = np.flatnonzero(types == type_)
        payloads[which] = armoured(fields_of(type_, which.size, rng))
    source = rng.integers(0, 60, n_messages)
    is_tagged = rng.random(n_messages) < TAGGED
    is_broken = rng.random(n_messages) < BROKEN
    late = rng.integers(1, 4, n_messages)  # lines between the two sentences of a message
    lines, waiting = [], []
    for i, payload in enumerate(payloads.tolist()):
        before = tag(int(source[i]), START_S + i // MESSAGES_A_SECOND) if is_tagged[i] else b""
        channel = b"AB"[i & 1 : (i & 1) + 1]
        if len(payload) <= 60:
            lines.append(before + sentence(b"1,1,", channel, payload, is_broken=is_broken[i]))
        else:
            first, second = payload[:59], payload[59:]
            sequence = b"%d," % (i % 10)
            lines.append(
                before + sentence(b"2,1," + sequence[:-1], channel, first, is_broken=is_broken[i])
            )
            waiting.append(
                (len(lines) + late[i], before + sentence(b"2,2," + sequence[:-1], channel, second))
            )
        while waiting and waiting[0][0] <= len(lines):
            lines.append(waiting.pop(0)[1])
    lines += [line for _, line in waiting]
    return b"\n".join(lines) + b"\n"


def sentence(numbers, channel, payload, *, is_broken=False):
    fill = FILL_BITS.get(len(payload), 0)
    body = b"AIVDM,%s,%s,%s,%d" % (numbers, channel, payload, fill)
    return b"!%s*%02X" % (body, exclusive_or(body) ^ int(is_broken))


def exclusive_or(data):
    value = int.from_bytes(data, "little")
    for shift in (512, 256, 128, 64, 32, 16, 8):
        value ^= value >> shift
    return value & 0xFF


@lru_cache(maxsize=10_000)
def tag(source, time_s):
    body = b"s:257%04d,c:%d" % (source, time_s)
    return b"\\%s*%02X\\" % (body, exclusive_or(body))


def armoured(fields):
    """Fields, (values, width) each, as payloads of whole characters."""
    bits = np.concatenate(
        [(np.asarray(v)[:, None] >> np.arange(w - 1, -1, -1)) & 1 for v, w in fields], axis=1
    ).astype(np.uint8)
    bits = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 6)))
    values = bits.reshape(bits.shape[0], -1, 6) @ np.array([32, 16, 8, 4, 2, 1], np.uint8)
    return [row.tobytes() for row in LETTERS[values]]


def fields_of(type_, n, rng):
    """The fields of messages of one type, whose vessels are always the same ones."""
    vessel = rng.integers(0, N_VESSELS, n)

    def some(width, below=None):
        return rng.integers(0, below or 1 << width, n), width

    def fixed(value, width):
        return np.full(n, value), width

    def text(characters):
        words = np.array([WORDS[i % 13] + " " + WORDS[i // 13 % 13] for i in range(169)])
        codes = np.array([[ord(c) & 63 for c in word.ljust(20, "@")] for word in words])
        return [(codes[vessel % 169, i], 6) for i in range(characters)]

    degrees = np.stack([vessel * 0.07 % 358 - 179, vessel * 0.031 % 140 - 65])
    lon, lat = ((degrees + rng.normal(0, 0.1, (2, n))) * 600_000).astype(np.int64)
    place = [(lon & 0xFFFFFFF, 28), (lat & 0x7FFFFFF, 27)]
    coarse = [(lon // 1000 & 0x3FFFF, 18), (lat // 1000 & 0x1FFFF, 17)]
    course = [(rng.integers(0, 3600, n), 12), (rng.integers(0, 360, n), 9)]
    hull = [some(9, 300), some(9, 50), some(6, 30), some(6, 30)]
    class_a = [some(4, 9), some(8), some(10, 300), some(1), *place, *course, some(6, 60)]
    class_b = [fixed(0, 8), some(10, 300), some(1), *place, *course, some(6, 60)]
    date = [fixed(2024, 14), fixed(3, 4), fixed(1, 5), some(5, 24), some(6, 60), some(6, 60)]
    eta = [some(4, 13), some(5, 32), some(5, 25), some(6, 61)]
    names = [some(30, 9_999_999), *text(7), *text(20), some(8, 100)]
    own = {
        4: [*date, some(1), *place, fixed(1, 4), fixed(0, 11), some(19)],
        5: [fixed(0, 2), *names, *hull, fixed(1, 4), *eta, some(8, 200), *text(20), fixed(0, 2)],
        18: [*class_b, fixed(0, 9), some(20)],
        19: [*class_b, fixed(0, 4), *text(20), some(8, 100), *hull, fixed(1, 4), fixed(0, 7)],
        21: [some(5), *text(20), some(1), *place, *hull, fixed(1, 4), fixed(60, 19)],
        24: [some(2, 2), *text(20), fixed(0, 8)],  # the part B is as good as any other bits
        27: [some(1), fixed(0, 1), some(4, 9), *coarse, some(6, 60), some(9, 360), fixed(0, 2)],
    }
    head = [fixed(type_, 6), fixed(0, 2), (200_000_000 + vessel * 100_003, 30)]
    return [*head, *own.get(type_, [*class_a, fixed(0, 6), some(19)])]
