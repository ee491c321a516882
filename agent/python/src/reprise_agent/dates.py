"""datetime.now and its kin. The types are immutable from outside; their dictionaries are not."""
import gc
import sys

from . import place
from .sink import fault
from .values import spot_of, take

_getframe = sys._getframe


def _forward(last, then, now):
    return last + (now - then)


def _text(value):
    return value.isoformat()


def _wrap(cls, name, label_of, revive):
    members = gc.get_referents(cls.__dict__)[0]
    original = members[name]
    label = label_of(cls)

    def method(kind, *args, **kwargs):
        real = original.__get__(None, kind)
        try:
            frame = _getframe(1)
            file = place.user_file(frame)
            if file is None:
                return real(*args, **kwargs)
            spot = spot_of("clock", label_of(kind), frame, file)
        except Exception as error:
            fault(label, error)
            return real(*args, **kwargs)
        return take(spot, real, _text, revive(kind), _forward, args, kwargs)

    method.__name__, method.__qualname__, method.__doc__ = name, original.__qualname__, original.__doc__
    method.__module__ = "datetime"
    members[name] = classmethod(method)
    if getattr(getattr(cls, name), "__func__", None) is not method:
        _forget(cls)
    if getattr(getattr(cls, name), "__func__", None) is not method:
        members[name] = original
        fault("datetime", "%s cannot be watched" % label)


def _forget(cls):
    """The interpreter remembers an attribute that somebody looked up before us."""
    import ctypes

    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def _moment(kind):
    def revive(text, real):
        value = kind.fromisoformat(text)
        if value.tzinfo is not None and real.tzinfo is not None:
            value = value.astimezone(real.tzinfo)
        return value

    return revive


def _day(kind):
    return lambda text, real: kind.fromisoformat(text)


def patch(module):
    if sys.implementation.name != "cpython":
        fault("datetime", "only watched in CPython")
        return
    for name in ("now", "utcnow"):
        _wrap(module.datetime, name, lambda kind, name=name: "datetime.datetime." + name, _moment)

    def today(kind):
        return "datetime.%s.today" % ("datetime" if issubclass(kind, module.datetime) else "date")

    _wrap(module.date, "today", today, _day)
