"""Reads of clocks, entropy and process ids by the user's own code: recorded, and given back where asked."""
import sys
from itertools import count

from . import hold, place, sink
from .standin import StandIn

_getframe = sys._getframe
_files = place._files
_FIRST = 1000
_spots = {}


class Spot:
    """One place in the program that reads one source."""

    def __init__(self, kind, name, file, line):
        self.kind, self.name, self.file, self.line = kind, name, file, line
        self.calls = count()
        self.n = -1
        self.held = hold.values(file, line, name) if hold.active else None
        self.last = None  # (held value, real value at that moment)

    def note(self, nth, text):
        if nth < _FIRST:
            sink.write(
                '{"e":"val","kind":"%s","name":"%s","f":%s,"l":%d,"n":%d,"v":%s}\n'
                % (self.kind, self.name, sink.quote(self.file), self.line, nth, sink.quote(text))
            )


def spot_of(kind, name, frame, file):
    key = (frame.f_code.co_filename, frame.f_lineno, name)
    spot = _spots.get(key)
    if spot is None:
        spot = _spots.setdefault(key, Spot(kind, name, file, frame.f_lineno))
    return spot


def take(spot, real, text, revive, onward, args, kwargs):
    """One read: the real value, or the held one; `onward` continues a clock behind its last held value."""
    spot.n = nth = next(spot.calls)
    value = real(*args, **kwargs)
    if spot.held is not None:
        value = _held(spot, nth, value, revive, onward)
    if nth < _FIRST:
        try:
            spot.note(nth, text(value))
        except Exception as error:
            sink.fault(spot.name, error)
    return value


def _held(spot, nth, value, revive, onward):
    recorded = spot.held.get(nth)
    if recorded is None:
        if spot.last is None or onward is None:
            return value
        try:
            return onward(spot.last[0], spot.last[1], value)
        except Exception as error:
            sink.fault("hold " + spot.name, error)
            return value
    try:
        held = revive(recorded, value)
    except Exception as error:
        sink.fault("hold " + spot.name, error)
        return value
    spot.last = (held, value)
    return held


class Reader(StandIn):
    """Takes the place of a builtin such as time.time; only direct calls of user code count."""

    def __init__(self, real, kind, label, text=repr, revive=None, onward=None, module=None, name=None):
        StandIn.__init__(self, real, module, name)
        self.kind, self.label, self.text, self.revive, self.onward = kind, label, text, revive, onward

    def __call__(self, *args, **kwargs):
        try:
            frame = _getframe(1)
            name = frame.f_code.co_filename
            file = _files[name] if name in _files else place.user_file(frame)
            if file is None:
                return self.real(*args, **kwargs)
            spot = spot_of(self.kind, self.label, frame, file)
        except Exception as error:
            sink.fault(self.label, error)
            return self.real(*args, **kwargs)
        return take(spot, self.real, self.text, self.revive, self.onward, args, kwargs)


class Unless(Reader):
    """A reader that counts only without the argument that would make it a plain conversion."""

    position = 0

    def __call__(self, *args, **kwargs):
        if len(args) > self.position and args[self.position] is not None:
            return self.real(*args, **kwargs)
        frame = _getframe(1)
        file = place.user_file(frame)
        if file is None:
            return self.real(*args, **kwargs)
        return take(spot_of(self.kind, self.label, frame, file), self.real, self.text, self.revive, self.onward, args, kwargs)


def after_fork():
    """Calls are counted for each process by itself."""
    _spots.clear()


def counts():
    """At the end: how often the busy places were read."""
    for spot in list(_spots.values()):
        if spot.n >= _FIRST:
            fields = {"kind": spot.kind, "name": spot.name, "f": spot.file, "l": spot.line, "n": spot.n, "v": "", "count": spot.n + 1}
            sink.emit("val", **fields)
