"""The file that holds a process's answers of the network: a line for each piece, in the order in which it came."""
import os

from . import derive
from .sink import fault

_MOST_BYTES = 128 * 1024 * 1024


class Written:
    """A tape that is being written."""

    played = False

    def __init__(self, path):
        self._file = open(path, "ab", 0)
        self._left = _MOST_BYTES
        self._count = 0

    def begin(self, key):
        self._count += 1
        self._file.write(b"ask\t%d\t%s\n" % (self._count, key.hex().encode()))
        return self._count

    def write(self, exchange, data):
        self._left -= len(data)
        if self._left < 0:
            return fault("network answers", "more than %d bytes" % _MOST_BYTES)
        self._file.write(b"got\t%d\t%s\n" % (exchange, data.hex().encode()))


class Played:
    """One that was written: the answers to equal questions in the order in which they came, and whether each was the last."""

    played = True

    def __init__(self, path):
        answers, pieces = {}, {}
        with open(path, "rb") as file:
            for line in file:
                fields = line.rstrip(b"\n").split(b"\t")
                if fields[0] == b"ask":
                    piece = pieces[fields[1]] = []
                    answers.setdefault(bytes.fromhex(fields[2].decode()), []).append(piece)
                else:
                    pieces[fields[1]].append(bytes.fromhex(fields[2].decode()))
        self._answers = {key: iter([(b"".join(piece), b"" in piece) for piece in found]) for key, found in answers.items()}

    def answer(self, key):
        return next(self._answers.get(key, iter(())), None)


def of(folder, proc):
    path = os.path.join(folder, derive.sha256(proc.encode("utf-8", "surrogateescape")).hexdigest()[:16])
    return Played(path) if os.path.exists(path) else Written(path)
