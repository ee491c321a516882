"""What the program's signal handlers raise. Python runs a handler amid any code, ours too, and then it is not ours to catch."""
import _signal

_ARGUMENTS = 0x0C  # *args, **kwargs


def _given(frame):
    """The arguments of the call that the frame runs, those of *args too, as they stand now."""
    code, scope = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount + bin(code.co_flags & _ARGUMENTS).count("1")
    for name in code.co_varnames[:count]:
        value = scope.get(name)
        if type(value) is tuple:
            yield from value
        else:
            yield value


def _code_of(handler):
    """The code that runs first when it is called, or None."""
    for _ in range(9):
        if hasattr(handler, "__code__"):
            return handler.__code__
        inner = handler.__func__ if hasattr(handler, "__func__") else getattr(handler, "func", None)
        handler = getattr(type(handler), "__call__", None) if inner is None else inner
    return None


def _handlers():
    found = set()
    for number in range(1, _signal.NSIG):
        try:
            handler = _signal.getsignal(number)
        except ValueError:
            continue
        if callable(handler) and not isinstance(handler, int):
            found.add(_code_of(handler))
    return found


def user_file(frame):
    """That of `place`, which sets it here: `place` needs us, and where the interpreter ends nothing can be imported."""


def _is_a_handlers(error):
    trace = error.__traceback__
    if trace is None or trace.tb_next is None:
        return False
    handlers, theirs = _handlers(), False
    while trace.tb_next is not None:
        before, trace = trace.tb_frame, trace.tb_next
        theirs = theirs or user_file(before) is not None
        if trace.tb_frame.f_code in handlers or not theirs and any(value is before for value in _given(trace.tb_frame)):
            return True
    return False


def pass_on(error):
    """Raises it again if a signal handler raised it: one that is set, or one whose caller, a frame of ours or of a library
    that we called, was handed to it as `frame`. A program that we called may hand its frames to anybody.

    To be called where an exception of any class is caught and the run would go on. A handler of C raises KeyboardInterrupt,
    which nobody here catches.
    """
    try:
        passes = _is_a_handlers(error)
    except Exception:  # the interpreter ends, and our own names are gone
        passes = False
    if passes:
        raise error
