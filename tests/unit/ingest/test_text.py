import codecs

import pytest

from vesseltrack.ingest.text import line_blocks, normalised

LF = 10
LINES = ["!AIVDM,1,1", "", "  ", "Ærø", "last"]


def text_of(data, n=3):
    return b"".join(normalised(data[i : i + n] for i in range(0, len(data), n)))


@pytest.mark.parametrize("n", [1, 2, 3, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_becomes_lf(end, n):
    data = end.join(LINES).encode()
    assert text_of(data, n) == "\n".join(LINES).encode()
    assert text_of(data + end.encode(), n) == ("\n".join(LINES) + "\n").encode()


@pytest.mark.parametrize("n", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_encodings_become_one(mark, encoding, n):
    text = "\r\n".join(LINES)
    assert text_of(mark + text.encode(encoding), n) == "\n".join(LINES).encode()


def test_other_bytes_stay_as_they_are():
    assert text_of(b"\x80\xff\0!x\n") == b"\x80\xff\0!x\n"
    assert text_of(b"") == b""


def blocks_of(data, *, block_bytes=10, max_line_bytes=20, n=4):
    chunks = [data[i : i + n] for i in range(0, len(data), n)]
    return list(line_blocks(chunks, block_bytes=block_bytes, max_line_bytes=max_line_bytes))


@pytest.mark.parametrize("n", [1, 2, 5, 1000])
def test_blocks_hold_whole_lines_with_their_numbers(n):
    data = b"one\ntwo\n\nthree and more\nfour\nfive"
    numbered = [
        (number, line)
        for block in blocks_of(data, n=n)
        for number, line in enumerate(block.lines(), block.first_line)
    ]
    assert numbered == list(enumerate(data.split(b"\n"), 1))


@pytest.mark.parametrize("n", [1, 3, 1000])
def test_blocks_are_cut_by_content_alone(n):
    data = b"".join(b"line %d\n" % i for i in range(100))
    assert blocks_of(data, n=n) == blocks_of(data, n=1000)
    assert len(blocks_of(data, n=n)) > 30


@pytest.mark.parametrize("n", [1, 3, 64, 1000])
@pytest.mark.parametrize("block_bytes", [1, 40, 10_000])
def test_a_block_knows_where_its_lines_end(n, block_bytes):
    data = b"".join(b"x" * (i * 7 % 50) + b"\n" for i in range(100)) + b"last"
    blocks = blocks_of(data, n=n, block_bytes=block_bytes, max_line_bytes=30)
    for block in blocks:
        assert block.ends.tolist() == [i for i, byte in enumerate(block.data) if byte == LF]
        assert len(block) == len(block.lines())


@pytest.mark.parametrize("n", [1, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_of_a_line_that_is_too_long_one_byte_more_is_kept(n, end):
    data = b"short\n" + b"x" * 500 + b"\nnext" + end
    numbered = [line for block in blocks_of(data, n=n) for line in block.lines()]
    assert numbered == [b"short", b"x" * 21, b"next"]


def test_a_line_without_end_takes_no_memory():
    chunks = (b"x" * 1_000_000 for _ in range(300))
    (block,) = line_blocks(chunks, block_bytes=1 << 20, max_line_bytes=1024)
    assert len(block.data) == 1025


def test_nothing_gives_no_block():
    assert blocks_of(b"") == []
