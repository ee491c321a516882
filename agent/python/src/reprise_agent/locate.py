"""After which user line an unseeded global generator changed first. Slow, so only in replays that ask for it."""
import sys

from . import place, tracked
from .sink import fault

_getframe = sys._getframe
_on = False
_last = None  # (file, line) that runs now
_pictures = {}


def _open_cases():
    return [one for one in tracked.known.values() if one.state is not None and not one.own and not one.told]


def _look():
    """Compares every generator with the picture taken before the line that has just run."""
    cases = _open_cases()
    for generator in cases:
        now = generator.peek()
        before = _pictures.get(generator.name, now)
        _pictures[generator.name] = now
        if now != before and _last is not None:
            generator.tell_drawn(_last[0], _last[1], "seen")
    if not cases:
        stop()


def _local(frame, event, arg):
    global _last
    try:
        if not _on:
            return None
        _look()
        if event == "line":
            _last = (place.user_file(frame), frame.f_lineno)
        elif event == "return":
            outer, file = place.nearest(frame.f_back)
            _last = None if outer is None else (file, outer.f_lineno)
    except Exception as error:
        fault("locate", error)
        stop()
    return _local


def _trace(frame, event, arg):
    return _local if _on and place.user_file(frame) is not None else None


def start():
    """Now if there is something to look for, and again whenever a generator appears."""
    tracked.watcher = _watch
    if tracked.known:
        _watch()


def _watch():
    global _on, _last
    for generator in _open_cases():
        _pictures[generator.name] = generator.peek()
    _on = True
    frame = _getframe(1)
    outer, file = place.nearest(frame)
    if outer is not None:
        _last = (file, outer.f_lineno)
    while outer is not None:
        outer.f_trace = _local
        outer, file = place.nearest(outer.f_back)
    sys.settrace(_trace)


def stop():
    global _on
    _on = False
    if sys.gettrace() is _trace:
        sys.settrace(None)
