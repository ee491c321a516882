"""The clocks of the time module."""
import time

from .values import Reader, Unless

_FLOATS = ("time", "perf_counter", "monotonic", "process_time", "thread_time")


def _forward(last, then, now):
    return last + (now - then)


def _fields(moment):
    return ",".join([str(part) for part in moment] + [str(moment.tm_zone), str(moment.tm_gmtoff)])


def _moment(text, real):
    parts = text.split(",")
    return time.struct_time([int(part) for part in parts[:9]] + [parts[9], int(parts[10]) if parts[10] != "None" else None])


def _text(value):
    return value


def _second(cls):
    class Second(cls):
        position = 1

    return Second


def patch():
    for name in _FLOATS:
        for label, revive in ((name, lambda text, real: float(text)), (name + "_ns", lambda text, real: int(text))):
            real = getattr(time, label, None)
            if real is not None:
                setattr(time, label, Reader(real, "clock", "time." + label, repr, revive, _forward, "time", label))
    for name in ("localtime", "gmtime"):
        setattr(time, name, Unless(getattr(time, name), "clock", "time." + name, _fields, _moment, None, "time", name))
    for name, cls in (("ctime", Unless), ("asctime", Unless), ("strftime", _second(Unless))):
        reader = cls(getattr(time, name), "clock", "time." + name, _text, lambda text, real: text, None, "time", name)
        setattr(time, name, reader)


def restore(module=None):
    """time-machine takes the builtins apart in C: it must find the real ones."""
    for name, value in list(vars(time).items()):
        if isinstance(value, Reader):
            setattr(time, name, value.real)
