"""One call of a function of the user's: which line runs in it, and what its variables were after the line before."""
import sys
from _thread import get_ident
from itertools import count

from . import rngstate, tracefile, valueclass, valuehash, valuetensor
from .sink import fault

_CLEARS = sys.version_info[:2] == (3, 12)
_ARGUMENTS = 0x0C  # *args, **kwargs
_scalars = valuehash.SCALARS
_named = valuehash.NAMED
_Walk = valuehash.Walk
_DEPTH = valuehash.DEPTH
_nothing = object()
_scopes = {}  # id of a module's globals → what is known of its variables
_stacks = {}  # thread → its activations, innermost last
_numbers = count(1)
_deep = int(sys.getrecursionlimit() * 0.6)
records = 0
most = 0


def on_most():
    """Set by the line trace: what happens when there are enough records."""


def on_some():
    """Set by the line trace: asked now and then whether it has taken long enough."""



def globals_of(frame):
    """What is known of the variables of the frame's module."""
    scope = frame.f_globals
    table = _scopes.get(id(scope))
    if table is None:
        table = _scopes[id(scope)] = {}
    return table


def stack():
    key = get_ident()
    found = _stacks.get(key)
    if found is None:
        found = _stacks[key] = []
    return found


class Activation:
    __slots__ = ("unit", "number", "line", "known", "tensors", "prefix", "raised", "caller", "fresh")

    def __init__(self, unit, line, fresh):
        self.unit, self.line, self.number = unit, line, next(_numbers)
        self.fresh = fresh  # no line has begun yet
        self.known = {}  # name → (scalar or _nothing, text)
        self.tensors = {}  # names whose value holds tensors: these change behind one's back
        self.raised = None
        self.prefix = tracefile.prefix()
        self.caller = None

    def __call__(self, frame, event, arg):
        """As f_trace of a frame, should a debugger of the program's come upon it."""
        return self

    def look(self, key, name, value, fresh, out, known):
        """Appends name=text when the value is not what it was."""
        cls = type(value)
        old = known.get(key)
        if cls in _scalars:
            if old is not None and old[0] is value:
                return
            text, sign = _Walk().text(value, 0), "="
            known[key] = (value, text)
        else:
            walk = _Walk(fresh)
            text = walk.text(value, _DEPTH)
            known[key] = (_nothing, text)
            sign = "~" if walk.late and not fresh else "="
            if walk.tensors:
                self.tensors[key] = (known is not self.known, valuetensor.probe(value))
        if old is None or old[1] != text:
            out.append(name + sign + text)

    def _name(self, scope, name, fresh, out, known, mark):
        value = scope.get(name, _nothing)
        if value is _nothing:
            if known.pop(name, None) is not None:
                out.append(mark + name + "=-")
        elif fresh or type(value) not in _named:
            self.look(name, mark + name, value, fresh, out, known)

    def _dotted(self, scope, pair, fresh, out, known, mark):
        """`name.attribute`; where the object has no such attribute of its own, the object itself."""
        name, attribute = pair
        value = scope.get(name, _nothing)
        if value is _nothing or type(value) in _named:
            return
        members = valueclass.attributes(value) if valueclass.has_shown_attributes(type(value)) else None
        if members is not None and attribute in members:
            self.look(pair, mark + name + "." + valueclass.word(attribute), members[attribute], fresh, out, known)
            return
        if known.pop(pair, None) is not None:
            out.append("%s%s.%s=-" % (mark, name, valueclass.word(attribute)))
        self.look(name, mark + name, value, False, out, known)

    def changes(self, frame, use):
        """What is another value than before the line that has just run."""
        out, unit, scope = [], self.unit, frame.f_locals
        known, mark = (globals_of(frame), ":") if unit.is_module else (self.known, "")
        for name in use.names:
            self._name(scope, name, name in use.bound, out, known, mark)
        for pair in use.dotted:
            self._dotted(scope, pair, pair in use.bound or pair[0] in use.bound, out, known, mark)
        if use.calls:
            # A call may change what a name of ours stands for without naming it.
            for key in [one for one in self.tensors if one not in use.names and one not in use.dotted and one not in use.globals]:
                self._unnamed(frame, scope, key, out, known, mark)
            if unit.is_function:
                for name in unit.code.co_cellvars:
                    if name not in use.names:
                        self._name(scope, name, False, out, known, mark)
        if use.globals:
            self._globals(frame, use, out)
        if _CLEARS and unit.is_function:
            scope.clear()  # a picture only; left alone it would keep the values alive
        return out

    def _unnamed(self, frame, scope, key, out, known, mark):
        """A value with tensors that the line does not name."""
        is_global, probe = self.tensors[key]
        if is_global:
            scope, known, mark = frame.f_globals, globals_of(frame), ":"
        name = key[0] if type(key) is tuple else key
        value = scope.get(name, _nothing)
        if type(key) is tuple:
            if value is not _nothing:
                members = valueclass.attributes(value) or {}
                value = members.get(key[1], _nothing)
        if probe is not None and value is not _nothing and valuetensor.probe(value) == probe:
            return
        if type(key) is tuple:
            self._dotted(scope, key, False, out, known, mark)
        else:
            self._name(scope, name, False, out, known, mark)

    def _globals(self, frame, use, out):
        """Variables of the module that a function reads or binds; for name.attribute the object."""
        scope, known = frame.f_globals, globals_of(frame)
        for name in use.globals:
            fresh = name in use.bound
            name = name[0] if type(name) is tuple else name
            if fresh or name in scope:
                self._name(scope, name, fresh, out, known, ":")

    def put(self, head, parts):
        global records
        tracefile.put(self.prefix, "\t".join([head, *parts]))
        records += 1
        if records >= most:
            on_most()
        elif not records & 63:
            on_some()

    def finish(self, frame, kind="L", extra=()):
        """The line that ran is over: says what changed on it."""
        parts = []
        if frame is not None and len(_stacks.get(get_ident(), ())) < _deep:
            use = self.unit.use(self.line)
            try:
                parts = self.changes(frame, use)
                if use.calls:
                    parts += rngstate.changes(True)
            except Exception as error:
                fault("lines", error)
                parts = ["?=?"]
        parts.extend(extra)
        self.put("%s\t%d\t%d" % (kind, self.number, self.line), parts)

    def began(self, frame, all_of_it=False):
        """The call: its arguments, and from which line of the user's it came."""
        parts = []
        try:
            code = frame.f_code
            scope = frame.f_locals
            if self.unit.is_module and all_of_it:
                for name, value in list(scope.items()):
                    if name[:2] != "__" and type(value) not in _named:
                        self.look(name, ":" + name, value, True, parts, globals_of(frame))
            elif self.unit.is_function:
                arguments = code.co_argcount + code.co_kwonlyargcount + bin(code.co_flags & _ARGUMENTS).count("1")
                names = list(scope) if all_of_it else code.co_varnames[:arguments]
                for name in names:
                    value = scope.get(name, _nothing)
                    if value is _nothing or type(value) in _named:
                        continue
                    if not all_of_it and valueclass.has_shown_attributes(type(value)):
                        # What it consists of is known to whoever passes it.
                        parts.append("%s=o:%s" % (name, valueclass.name_of(type(value))))
                    else:
                        self.look(name, name, value, True, parts, self.known)
                if _CLEARS:
                    scope.clear()
        except Exception as error:
            fault("lines", error)
        number, line = _place(self.caller)
        self.put("C\t%d\t%d\t%d\t%d" % (self.number, self.unit.number, number, line), parts)


def _place(one):
    return (0, 0) if one is None else (one.number, one.line)


def result(kind, value):
    """The value that a function returns or yields, as a change."""
    if value is None:
        return ()
    if valueclass.has_shown_attributes(type(value)):
        return ("%s=o:%s" % (kind, valueclass.name_of(type(value))),)
    return ("%s=%s" % (kind, valuehash.text_of(value)),)


def raised(kind, cls):
    return ("%s=%s" % (kind, valueclass.name_of(cls)),)


def push(unit, frame, line, all_of_it=False):
    """A call begins; `line` is the one about to run."""
    current = stack()
    one = Activation(unit, line, not all_of_it)
    one.caller = current[-1] if current else None
    current.append(one)
    one.began(frame, all_of_it)
    return one


def again(one):
    """A generator goes on."""
    current = stack()
    one.caller = current[-1] if current else None
    one.prefix = tracefile.prefix()
    current.append(one)
    one.put("G\t%d\t%d\t%d" % ((one.number,) + _place(one.caller)), ())


def pop(one):
    current = stack()
    while current and current[-1] is not one:
        if one not in current:
            return
        current.pop()
    if current:
        current.pop()


def forget():
    """In a forked child: all is told anew."""
    _stacks.clear()
    _scopes.clear()
