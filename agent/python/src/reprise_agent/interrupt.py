"""What the program's signal handlers raise. Python runs a handler amid any code, ours too, and then it is not ours to catch."""

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


def pass_on(error):
    """Raises it again if a signal handler raised it: its own caller, a frame of ours, was handed to it as `frame`.

    To be called where an exception of any class is caught and the run would go on. A handler of C raises KeyboardInterrupt,
    which nobody here catches.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        before, trace = trace.tb_frame, trace.tb_next
        if any(value is before for value in _given(trace.tb_frame)):
            raise error
