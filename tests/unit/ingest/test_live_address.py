import pytest

from vesseltrack.errors import SourceError
from vesseltrack.ingest.live import TCP, UDP, address_of


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("tcp://feed.example:4001", "tcp://feed.example:4001"),
        ("tcp://anna:s3cret@feed.example:4001", "tcp://feed.example:4001"),
        ("tcp-listen://0.0.0.0:0/", "tcp-listen://0.0.0.0:0"),
        ("udp://[ff02::1]:10110", "udp://[ff02::1]:10110"),
        ("udp://239.192.0.4:60004?interface=192.0.2.1", "udp://239.192.0.4:60004"),
    ],
)
def test_a_feed_is_named_by_its_url_without_what_may_be_secret(url, name):
    assert address_of(url).name == name


def test_a_multicast_group_is_known_by_its_number():
    address = address_of("udp://239.192.0.4:60004?interface=192.0.2.1")
    assert str(address.group) == "239.192.0.4"
    assert address.interface == "192.0.2.1"
    assert address_of("udp://0.0.0.0:10110").group is None
    assert address_of("udp://feed.example:10110").group is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("archive.nmea", "the scheme must be one of tcp, tcp-listen, udp"),
        ("http://feed.example:80", "the scheme must be one of"),
        ("tcp://:4001", "there is no host"),
        ("tcp://feed.example", "there is no port"),
        ("tcp://feed.example:0", "there is no port"),
        ("tcp://feed.example:70000", "Port out of range"),
        ("tcp://feed.example:4001/ais", "nothing may follow the port"),
        ("udp://0.0.0.0:10110?group=1", "the only option is interface"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(url, why):
    with pytest.raises(SourceError, match=why):
        address_of(url)


def test_a_refusal_repeats_no_password():
    with pytest.raises(SourceError) as refused:
        address_of("tcp://anna:s3cret@feed.example")
    assert "s3cret" not in str(refused.value)
    assert "feed.example" in str(refused.value)


def test_a_command_may_allow_fewer_schemes():
    with pytest.raises(SourceError, match="one of tcp, udp"):
        address_of("tcp-listen://0.0.0.0:4001", schemes=(TCP, UDP))
