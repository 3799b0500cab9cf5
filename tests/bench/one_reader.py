"""One reader on one file; as a script, prints its messages and its peak memory [KiB]."""

import sys
from pathlib import Path


def read_by_us(path):
    """Read a file to positions and statics; return how many messages it has."""
    from vesseltrack.config import Config  # noqa: PLC0415 - a process imports its own reader alone
    from vesseltrack.ingest import open_sources  # noqa: PLC0415 - as above

    n_messages = 0
    for source in open_sources(path, config=Config().ingest):
        for _ in source.batches():
            pass
        n_messages += source.report.messages
    return n_messages


def decoded_by_pyais(path):
    """Decode a file with pyais; return how many messages it has."""
    from pyais.exceptions import AISBaseException  # noqa: PLC0415 - as above
    from pyais.stream import FileReaderStream  # noqa: PLC0415 - as above

    n_messages = 0
    for message in FileReaderStream(str(path)):
        try:
            message.decode()
        except AISBaseException:
            continue
        n_messages += 1
    return n_messages


def decoded_by_libais(path):
    """Decode a file with libais, from lines split at commas; return how many messages it has."""
    import ais  # noqa: PLC0415 - as above

    n_messages, firsts = 0, {}
    with path.open(errors="replace") as file:
        for line in file:
            begin = line.find("!")
            fields = line[begin:].split(",")
            if begin < 0 or len(fields) < 7:
                continue
            _, total, number, sequence, channel, payload, end = fields[:7]
            if total != "1":
                if number == "1":
                    firsts[sequence, channel] = payload
                    continue
                payload = firsts.pop((sequence, channel), "") + payload
            try:
                ais.decode(payload, int(end[0]))
            except (ais.DecodeError, ValueError):
                continue
            n_messages += 1
    return n_messages


if __name__ == "__main__":
    READERS = {"ours": read_by_us, "pyais": decoded_by_pyais}
    print(READERS[sys.argv[1]](Path(sys.argv[2])))
    # Its resource usage would begin with the peak of the process that started it.
    status = Path("/proc/self/status").read_text()
    print(status.split("VmHWM:")[1].split()[0])
