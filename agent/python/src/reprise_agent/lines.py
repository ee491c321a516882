"""The line trace (docs/format/trace.md): switched on by REPRISE_TRACE, for all of the run or for some of its steps."""
import os
import sys
import time

from . import activation, ending, linehooks, process, tracefile, unit
from .sink import fault


def _number(name, standard):
    try:
        return int(os.environ.get(name) or standard)
    except ValueError:
        return standard


_first = _number("REPRISE_TRACE_FROM", 0)
_last = _number("REPRISE_TRACE_TO", 0)
_most = _number("REPRISE_TRACE_MOST", 2000000)
_seconds = _number("REPRISE_TRACE_SECONDS", 0)
_clock = time.monotonic  # the program may replace it
_traces = False
_over = False


def begin(frame):
    global _traces
    if not _traces and not _over:
        activation.records, activation.most = 0, _most
        activation.on_most = lambda: end("%d records" % _most)
        if _seconds:
            until = _clock() + _seconds
            activation.on_some = lambda: end("%d seconds" % _seconds) if _clock() >= until else None
        _traces = linehooks.start(frame)


def end(why=None):
    """Nothing is traced from here on; a reason says that the trace was cut off."""
    global _traces, _over
    if not _traces:
        return
    _traces, _over = False, True
    lost = linehooks.backend.lost()
    if lost:
        why = why or lost
        fault("lines", why)
    linehooks.stop()
    tracefile.put("", "X\t%s" % tracefile.quote(why) if why else "E")
    tracefile.flush()


def stepped(of, n, frame=None):
    """After each step of the training: a mark in the trace, and its beginning or end."""
    if _traces:
        tracefile.put("", "S\t%s\t%d" % (tracefile.quote(str(of)), n))
        tracefile.flush()
    try:
        done = _steps().global_count()
    except Exception as error:
        return fault("lines", error)
    if _last and done >= _last:
        end()
    elif _first and done >= _first:
        begin(frame or sys._getframe(1))


def _steps():
    from . import steps

    return steps


def _after_fork():
    tracefile.after_fork()
    unit.after_fork()
    activation.forget()
    linehooks.backend.instrumented = set()
    if _traces:
        linehooks.backend.adopt(sys._getframe(1))


def start():
    process.on_fork(_after_fork)
    ending.last.append(end)
    try:
        _steps().listeners.append(stepped)
    except ImportError as error:
        if _first or _last:
            fault("lines", error)
    if os.environ.get("REPRISE_OPERATORS"):
        from . import operators

        operators.start()
    if not _first:
        begin(sys._getframe(1))
