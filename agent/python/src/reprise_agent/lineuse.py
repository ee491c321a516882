"""Which names a line of a function reads and binds, from its bytecode: only these can have changed on it, with few exceptions."""
import dis

_CALLS = ("CALL", "FOR_ITER", "GET_ITER", "IMPORT_NAME", "SETUP_WITH", "BEFORE_WITH", "SEND", "YIELD_FROM", "WITH_EXCEPT_START")
_SAME = ("DUP_TOP", "COPY")  # of `object.name += …`
_LOCAL = ("FAST", "DEREF", "CLASSDEREF", "NAME", "CLOSURE")


class Use:
    """names: read as a whole or bound; dotted: (name, attribute); bound: names that point elsewhere now."""

    __slots__ = ("names", "dotted", "bound", "globals", "calls")

    def __init__(self):
        self.names, self.dotted, self.globals = {}, {}, {}
        self.bound = set()
        self.calls = False


NOTHING = Use()


def _words(argument):
    """3.13 has instructions with two names."""
    return argument if type(argument) is tuple else (argument,)


def _note(use, instruction, last):
    """Takes an instruction in; returns the name whose attribute may follow."""
    operation, _, kind = instruction.opname.partition("_")
    argument = instruction.argval
    if operation == "LOAD" and kind in ("ATTR", "METHOD") or operation == "STORE" and kind == "ATTR":
        if last is not None and type(argument) is str:
            table, name = last
            (use.dotted if table == "local" else use.globals)[(name, argument)] = None
            if table == "local" and operation == "STORE":
                use.bound.add((name, argument))
        return None
    if last is not None and instruction.opname in _SAME:
        return last
    if last is not None:
        (use.names if last[0] == "local" else use.globals)[last[1]] = None
    if instruction.opname.startswith(_CALLS):
        use.calls = True
    if operation not in ("LOAD", "STORE", "DELETE"):
        return None
    if kind == "GLOBAL":
        if operation == "LOAD":
            return ("global", argument)
        use.globals[argument] = None
        use.bound.add(argument)
        return None
    if not kind.startswith(_LOCAL):
        return None
    words = _words(argument)
    if operation == "LOAD":
        for word in words[:-1]:
            use.names[word] = None
        return ("local", words[-1])
    # STORE_FAST_LOAD_FAST binds the first and reads the second.
    for at, word in enumerate(words):
        use.names[word] = None
        if at == 0 or "LOAD" not in kind:
            use.bound.add(word)
    return ("local", words[-1]) if "LOAD" in kind else None


def of_code(code):
    """{line: Use} of a code object."""
    starts, uses, use, last = dict(dis.findlinestarts(code)), {}, NOTHING, None
    for instruction in dis.get_instructions(code):
        line = starts.get(instruction.offset)
        if line is not None:
            if last is not None:
                (use.names if last[0] == "local" else use.globals)[last[1]] = None
                last = None
            use = uses.get(line)
            if use is None:
                use = uses[line] = Use()
        last = _note(use, instruction, last)
    return uses


def lines_of(code):
    return [line for _, line in dis.findlinestarts(code) if line is not None]
