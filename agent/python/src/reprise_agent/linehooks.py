"""How line events reach us: sys.monitoring from Python 3.12 on, sys.settrace before."""
import opcode
import sys
from _thread import get_ident

from . import activation, place, tracefile
from . import unit as units
from .activation import pop, push, raised, result
from .sink import fault

_getframe = sys._getframe
_foreign = set()  # names of files that are not the user's
_YIELDS = {opcode.opmap[name] for name in ("YIELD_VALUE", "YIELD_FROM") if name in opcode.opmap}
_RETURN = opcode.opmap["RETURN_VALUE"]
_TAKEN = "another tool took over the tracing"
_on = False


def _unit(frame):
    """Its Unit when the frame is the user's and has lines of its own."""
    name = frame.f_code.co_filename
    if name in _foreign:
        return None
    unit = units.unit_of(frame)
    if unit is None:
        if name in place._files:
            _foreign.add(name)
        return None
    return None if unit.hidden else unit


def _adopt(frame):
    """The calls that run already when the trace begins, with all that they know."""
    frames = []
    while frame is not None:
        unit = _unit(frame)
        if unit is not None:
            frames.append((frame, unit))
        frame = frame.f_back
    found = []
    for frame, unit in reversed(frames):
        found.append((frame, push(unit, frame, frame.f_lineno, all_of_it=True)))
    return found


class Settrace:
    """The tracing function of each traced frame is a method of this, bound to the frame's activation."""

    class Local:
        __slots__ = ("one",)

        def __init__(self, one):
            self.one = one

        def __call__(self, frame, event, arg):
            one = self.one
            try:
                if not _on:
                    return None
                if event == "line":
                    if one.fresh:
                        one.fresh = False
                    else:
                        one.finish(frame)
                    one.line = frame.f_lineno
                    one.raised = None
                elif event == "exception":
                    one.raised = arg[0]
                elif event == "return":
                    _left(one, frame, arg)
            except Exception as error:
                fault("lines", error)
            return self

    @staticmethod
    def call(frame, event, arg):
        try:
            if not _on or frame.f_code.co_filename in _foreign:
                return None
            unit = _unit(frame)
            if unit is None:
                return None
            known = frame.f_trace
            if type(known) is Settrace.Local and known.one.unit is unit:
                activation.again(known.one)
                return known
            return Settrace.Local(push(unit, frame, frame.f_lineno))
        except Exception as error:
            fault("lines", error)
        return None

    def start(self, frame):
        """False when a debugger or a coverage tool is there first: it stays."""
        if sys.gettrace() is not None:
            fault("lines", "another tool traces this process: no line trace")
            return False
        from . import hooks

        hooks.after("threading", lambda module: module.settrace(Settrace.call) if _on and _free(module) else None)
        for found, one in _adopt(frame):
            found.f_trace = Settrace.Local(one)
        sys.settrace(Settrace.call)
        return True

    def stop(self):
        if sys.gettrace() is Settrace.call:
            sys.settrace(None)
        module = sys.modules.get("threading")
        if module is not None and getattr(module, "_trace_hook", None) is Settrace.call:
            module.settrace(None)

    def adopt(self, frame):
        for found, one in _adopt(frame):
            found.f_trace = Settrace.Local(one)

    def lost(self):
        """Why our place is not ours any more. Python ends a trace through which an exception of a signal handler went."""
        now = sys.gettrace()
        if get_ident() != tracefile.first_thread or now is Settrace.call:
            return None
        return _TAKEN if now is not None else "the program, or an exception of its signal handler, ended it"


def _free(module):
    return getattr(module, "_trace_hook", None) is None


def _left(one, frame, value):
    """A frame is left: by return, by yield, or by an exception."""
    unit = one.unit
    if unit.opcodes is None:
        unit.opcodes = unit.code.co_code
    at = frame.f_lasti
    operation = unit.opcodes[at] if 0 <= at < len(unit.opcodes) else _RETURN
    if operation in _YIELDS and one.raised is None:
        one.finish(frame, "Y", result("yield", value))
    elif operation == _RETURN or one.raised is None:
        one.finish(frame, "R", result("return", value))
    else:
        one.finish(frame, "R", raised("raise", one.raised))
    pop(one)


class Monitoring:
    """f_trace of a traced frame holds its activation: the interpreter itself does not look at it here."""

    def __init__(self):
        self.api = sys.monitoring
        self.tool = None
        self.instrumented = set()

    def start(self, frame):
        for number in (4, 3, 5, 2):
            try:
                self.api.use_tool_id(number, "reprise")
                self.tool = number
                break
            except ValueError:
                continue
        if self.tool is None:
            fault("lines", "no free tool of sys.monitoring: no line trace")
            return False
        events = self.api.events
        callbacks = (
            (events.PY_START, self.begin), (events.PY_RESUME, self.resume), (events.PY_THROW, self.thrown),
            (events.LINE, self.line), (events.PY_RETURN, self.returned), (events.PY_YIELD, self.yielded),
            (events.PY_UNWIND, self.unwound),
        )  # fmt: skip
        for event, function in callbacks:
            self.api.register_callback(self.tool, event, function)
        self.adopt(frame)
        self.api.set_events(self.tool, events.PY_START | events.PY_RESUME | events.PY_THROW | events.PY_UNWIND)
        return True

    def stop(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            self.api.set_events(tool, 0)
            self.api.free_tool_id(tool)

    def lost(self):
        return None if sys.gettrace() is None else _TAKEN

    def adopt(self, frame):
        for found, one in _adopt(frame):
            found.f_trace = one
            self._instrument(one.unit)

    def _instrument(self, unit):
        if unit.number not in self.instrumented:
            self.instrumented.add(unit.number)
            events = self.api.events
            self.api.set_local_events(self.tool, unit.code, events.LINE | events.PY_RETURN | events.PY_YIELD)

    def begin(self, code, offset):
        try:
            if not _on or code.co_filename in _foreign:
                return self.api.DISABLE
            frame = _getframe(1)
            unit = _unit(frame)
            if unit is None:
                return self.api.DISABLE if code.co_filename in _foreign else None
            self._instrument(unit)
            frame.f_trace = push(unit, frame, code.co_firstlineno)
        except Exception as error:
            fault("lines", error)
        return None

    def _known(self, frame):
        one = frame.f_trace
        return one if type(one) is activation.Activation and units.units.get(id(frame.f_code)) is one.unit else None

    def resume(self, code, offset):
        try:
            if not _on or code.co_filename in _foreign:
                return self.api.DISABLE
            self._resumed(_getframe(1))
        except Exception as error:
            fault("lines", error)
        return None

    def thrown(self, code, offset, error):
        try:
            if _on and code.co_filename not in _foreign:
                self._resumed(_getframe(1))
        except Exception as error:
            fault("lines", error)

    def _resumed(self, frame):
        one = self._known(frame)
        if one is not None:
            activation.again(one)
            return
        unit = _unit(frame)
        if unit is not None:
            self._instrument(unit)
            frame.f_trace = push(unit, frame, frame.f_lineno, all_of_it=True)

    def line(self, code, line):
        try:
            frame = _getframe(1)
            one = self._known(frame) if _on else None
            if one is not None:
                if one.fresh:
                    one.fresh = False
                else:
                    one.finish(frame)
                one.line = line
        except Exception as error:
            fault("lines", error)

    def returned(self, code, offset, value):
        try:
            frame = _getframe(1)
            one = self._known(frame) if _on else None
            if one is not None:
                one.finish(frame, "R", result("return", value))
                pop(one)
        except Exception as error:
            fault("lines", error)

    def yielded(self, code, offset, value):
        try:
            frame = _getframe(1)
            one = self._known(frame) if _on else None
            if one is not None:
                one.finish(frame, "Y", result("yield", value))
                pop(one)
        except Exception as error:
            fault("lines", error)

    def unwound(self, code, offset, error):
        try:
            if not _on or code.co_filename in _foreign:
                return
            frame = _getframe(1)
            one = self._known(frame)
            if one is not None:
                one.finish(frame, "R", raised("raise", type(error)))
                pop(one)
        except Exception as error:
            fault("lines", error)


backend = Monitoring() if hasattr(sys, "monitoring") else Settrace()


def start(frame):
    global _on
    _on = True
    if not backend.start(frame):
        _on = False
    return _on


def stop():
    global _on
    _on = False
    backend.stop()
