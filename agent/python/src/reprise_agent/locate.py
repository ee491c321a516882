"""After which user line an unseeded global generator changed first. Slow, so only in replays that ask for it."""
import linecache
import sys
import time

from . import ending, place, settings, tracked
from .sink import fault

_getframe = sys._getframe
_clock = time.monotonic  # the program may replace it
_until = None  # when it has taken long enough
_seen = 0
_on = False
_last = None  # (file, line, name of its code) that runs now
_pictures = {}
_imported = {}  # generator → (file, line) of an import that drew: named only if nothing after it draws


def _imports(code, line):
    """Libraries draw ids and salts while they are imported: what a program makes of a generator comes after."""
    return linecache.getline(code, line).lstrip().startswith(("import ", "from "))


def _open_cases():
    return [one for one in tracked.known.values() if one.state is not None and not one.own and not one.told]


def _look():
    """Compares every generator with the picture taken before the line that has just run."""
    cases = _open_cases()
    for generator in cases:
        now = generator.peek()
        before = _pictures.get(generator.name)
        if now == before:
            continue
        _pictures[generator.name] = now
        if before is not None and _last is not None:
            file, line, code = _last
            if _imports(code, line):
                _imported.setdefault(generator.name, (file, line))
            else:
                generator.tell_drawn(file, line, "seen")
    if not cases:
        stop()


def _local(frame, event, arg):
    global _last, _seen
    try:
        if not _on:
            return None
        _look()
        _seen += 1
        if not _seen & 255 and _until is not None and _clock() >= _until:
            give_up()
            return None
        if event == "line":
            _last = (place.user_file(frame), frame.f_lineno, frame.f_code.co_filename)
        elif event == "return":
            outer, file = place.nearest(frame.f_back)
            _last = None if outer is None else (file, outer.f_lineno, outer.f_code.co_filename)
    except Exception as error:
        fault("locate", error)
        stop()
    return _local


def _trace(frame, event, arg):
    return _local if _on and place.user_file(frame) is not None else None


def start():
    """Now if there is something to look for, and again whenever a generator appears."""
    global _until
    if settings.locate_seconds:
        _until = _clock() + settings.locate_seconds
    tracked.watcher = _watch
    ending.first.append(_tell_imports)
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
        _last = (file, outer.f_lineno, outer.f_code.co_filename)
    while outer is not None:
        outer.f_trace = _local
        outer, file = place.nearest(outer.f_back)
    sys.settrace(_trace)


def _tell_imports():
    for generator in _open_cases():
        if generator.name in _imported:
            generator.tell_drawn(*_imported[generator.name], how="seen")


def give_up():
    """A generator that nothing draws from would have every line of a long program looked at."""
    tracked.watcher = None
    _imported.clear()  # whether something draws after it is not seen any more
    stop()


def stop():
    global _on
    _on = False
    if sys.gettrace() is _trace:
        sys.settrace(None)
