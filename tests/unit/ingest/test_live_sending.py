import io
import socket

import pytest

from ingest_text import CLASS_A, CLASS_B, STATIC
from vesseltrack.errors import SourceError
from vesseltrack.ingest.live import StreamOutlet, address_of, outlet

UNITS = [[CLASS_A], [*STATIC], [CLASS_B]]
TEXT = b"".join(line + b"\r\n" for unit in UNITS for line in unit)


def test_a_stream_gets_lines_with_the_ends_of_the_standard():
    stream = io.BytesIO()
    StreamOutlet(stream).send(UNITS)
    assert stream.getvalue() == TEXT


def test_a_program_that_listens_gets_every_line_before_the_connection_ends():
    with socket.create_server(("127.0.0.1", 0)) as server:
        sending = outlet(address_of(f"tcp://127.0.0.1:{server.getsockname()[1]}"), 5.0)
        with server.accept()[0] as reader:
            sending.send(UNITS)
            sending.close()
            with reader.makefile("rb") as file:
                assert file.read() == TEXT


def test_where_nobody_listens_it_is_told_by_name():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceError, match=f"cannot connect to tcp://127.0.0.1:{port}: .*refused"):
        outlet(address_of(f"tcp://127.0.0.1:{port}"), 5.0)


def test_a_reader_that_goes_away_is_told_by_name():
    with socket.create_server(("127.0.0.1", 0)) as server:
        sending = outlet(address_of(f"tcp://127.0.0.1:{server.getsockname()[1]}"), 5.0)
        server.accept()[0].close()
        with pytest.raises(SourceError, match=r"no more can be sent to tcp://127\.0\.0\.1"):
            sending.send(UNITS * 100_000)
        sending.close()


def test_a_datagram_is_a_unit_unless_it_would_not_fit():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("127.0.0.1", 0))
        reader.settimeout(5)
        sending = outlet(address_of(f"udp://127.0.0.1:{reader.getsockname()[1]}"), 5.0)
        sending.send([*UNITS, [CLASS_A] * 40])
        sending.close()
        datagrams = [reader.recv(65_536) for _ in range(5)]
    assert datagrams[:3] == [b"".join(line + b"\r\n" for line in unit) for unit in UNITS]
    assert b"".join(datagrams[3:]) == (CLASS_A + b"\r\n") * 40
    assert max(map(len, datagrams)) <= 1400


def test_datagrams_that_nobody_takes_are_no_error():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("127.0.0.1", 0))
        port = reader.getsockname()[1]
    sending = outlet(address_of(f"udp://127.0.0.1:{port}"), 5.0)
    for _ in range(5):
        sending.send(UNITS)
    sending.close()


def test_a_group_is_sent_to_on_the_interface_given():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("239.192.0.4", 0))
        reader.settimeout(5)
        joined = socket.inet_aton("239.192.0.4") + socket.inet_aton("127.0.0.1")
        reader.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        port = reader.getsockname()[1]
        sending = outlet(address_of(f"udp://239.192.0.4:{port}?interface=127.0.0.1"), 5.0)
        sending.send([[CLASS_A]])
        sending.close()
        assert reader.recv(100) == CLASS_A + b"\r\n"
