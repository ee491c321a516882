"""The operating system's entropy as user code meets it: os.urandom, uuid, secrets, SystemRandom. Never replaced here."""
import os
import sys

from . import place
from .sink import emit, fault
from .standin import like
from .values import Reader, spot_of, take

_getframe = sys._getframe


def _hex(value):
    return value.hex()


def _bytes(text, real):
    """Bytes of the length asked for, from the recorded ones."""
    data = bytes.fromhex(text)
    return (data * (len(real) // len(data) + 1))[: len(real)] if data else real


def _number(text, real):
    return int(text)


def _same(text, real):
    return text


_FIRST = ("kill", "killpg", "getpgid", "getsid", "pidfd_open", "waitpid", "wait4")
_FIRST += ("sched_setaffinity", "sched_getaffinity", "sched_setscheduler", "sched_setparam")
# function of os → where it takes process ids; the other numbers it takes are none
_OF_PROCESS = dict.fromkeys(_FIRST, (0,))
_OF_PROCESS.update(setpgid=(0, 1), setpriority=(1,), getpriority=(1,))
_given = {}  # recorded process id that the program was given → the real one


def _of_real(real, places):
    """A program that was given a recorded id of its own means itself by it: another process may have that id now."""

    def call(*args, **kwargs):
        args = list(args)
        for at in places:
            if at < len(args) and type(args[at]) is int:
                args[at] = _given.get(args[at], args[at])
        return real(*args, **kwargs)

    return like(call, real)


def _process(text, real):
    recorded = int(text)
    if recorded != real:
        if not _given:
            for name, places in _OF_PROCESS.items():
                if hasattr(os, name):
                    setattr(os, name, _of_real(getattr(os, name), places))
        _given[recorded] = real
    return recorded


class Through(Reader):
    """os.urandom inside random.SystemRandom: the user's line is behind the frames of random.py."""

    def __call__(self, *args, **kwargs):
        try:
            frame = _getframe(1)
            while frame is not None and frame.f_code.co_filename.endswith("/random.py"):
                frame = frame.f_back
            file = None if frame is None else place.user_file(frame)
            if file is None:
                return self.real(*args, **kwargs)
            spot = spot_of(self.kind, self.label, frame, file)
        except Exception as error:
            fault(self.label, error)
            return self.real(*args, **kwargs)
        return take(spot, self.real, self.text, self.revive, None, args, kwargs)


def _function(module, name, label, text, revive, elsewhere=None):
    """A Python function of the standard library, wrapped by one, so that it still binds where it did."""
    real = getattr(module, name, None)
    if real is None:
        return

    def read(*args, **kwargs):
        frame = _getframe(1)
        file = place.user_file(frame)
        if file is None:
            value = real(*args, **kwargs)
            if elsewhere is not None:
                try:
                    elsewhere(value)
                except Exception as error:
                    fault(label, error)
            return value
        return take(spot_of("os-entropy", label, frame, file), real, text, revive, None, args, kwargs)

    setattr(module, name, like(read, real))


def patch():
    os.urandom = Reader(os.urandom, "os-entropy", "os.urandom", _hex, _bytes, None, "os", "urandom")
    if hasattr(os, "getrandom"):
        os.getrandom = Reader(os.getrandom, "os-entropy", "os.getrandom", _hex, _bytes, None, "os", "getrandom")
    os.getpid = Reader(os.getpid, "process-id", "os.getpid", repr, _process, None, "os", "getpid")


_MOST_IDS = 1000
_ids = [0]


def _name_id(value):
    """An id that a library drew: it names files and rows, and is another one in every run."""
    if _ids[0] < _MOST_IDS:
        _ids[0] += 1
        emit("id", v=value.hex)


def patch_uuid(module):
    for name in ("uuid1", "uuid4", "uuid6", "uuid7"):
        _function(module, name, "uuid." + name, str, lambda text, real: module.UUID(text), _name_id)


def patch_secrets(module):
    _function(module, "token_bytes", "secrets.token_bytes", _hex, _bytes)
    _function(module, "token_hex", "secrets.token_hex", str, _same)
    _function(module, "token_urlsafe", "secrets.token_urlsafe", str, _same)
    _function(module, "randbelow", "secrets.randbelow", str, _number)
    module.randbits = Reader(module.randbits, "os-entropy", "secrets.randbits", str, _number, None, "secrets", "randbits")


def patch_random(module):
    module._urandom = Through(getattr(module._urandom, "real", module._urandom), "os-entropy", "random.SystemRandom", _hex, _bytes)
