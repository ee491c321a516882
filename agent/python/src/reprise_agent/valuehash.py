"""A short text for a value: the same for the same contents in any process, and got without running the program's code.

No repr, comparison, hash, property or __getattr__ of a class is ever called, and no iterator is advanced.
"""
import marshal
import sys
from collections import OrderedDict, deque
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType

from . import heavy, valueclass
from .interrupt import pass_on
from .sink import quote

_CLEAR = 60  # characters of contents that are shown as they are
_LONG = 200  # elements from which on a container is looked at by a sample
_NODES = 20000  # values looked into for one text
_NESTED = 16
DEPTH = 3  # objects inside objects
_PLAIN = {id(int), id(float), id(bool), id(type(None))}
_TEXT = {id(str)}
_arguments = BaseException.__dict__["args"].__get__
SCALARS = {int, float, bool, type(None), str, bytes, complex}
_quoted = {}
_writers = {}
_kept = []  # the classes of _writers: an id must not come back


class Walk:
    """One look at one value."""

    __slots__ = ("left", "path", "fresh", "late", "tensors", "light", "gradients")

    def __init__(self, fresh=False):
        self.left = _NODES
        self.path = []  # ids of what we are inside of
        self.fresh = fresh  # the name was bound anew: nothing remembered holds
        self.late = False
        self.tensors = False
        self.light = False  # of a large tensor some words are enough
        self.gradients = True

    def text(self, value, depth):
        cls = type(value)
        writer = _writers.get(id(cls))
        if writer is None:
            writer = _resolve(cls)
        self.left -= 1
        if self.left < 0:
            return "~"
        return writer(self, value, depth)

    def inside(self, value, depth, function):
        """function() with a guard against cycles and against what is too deep."""
        key = id(value)
        if key in self.path:
            return "^%d" % (len(self.path) - self.path.index(key))
        if len(self.path) >= _NESTED or depth < 0:
            return "…"
        self.path.append(key)
        try:
            return function()
        except (RuntimeError, ReferenceError) as error:
            pass_on(error)
            return "?"  # another thread changes it just now
        finally:
            self.path.pop()


def closed(kind, body):
    return kind + "(" + body + ")" if len(body) <= _CLEAR else kind + ":" + heavy.digest(body.encode("utf-8", "surrogatepass"))


def _integer(walk, value, depth):
    if int.bit_length(value) <= 256:
        return "i:" + int.__repr__(value)
    return "i#" + heavy.digest(int.to_bytes(value, int.bit_length(value) // 8 + 1, "little", signed=True))


def _string(walk, value, depth):
    if type(value) is str and value in _quoted:
        return _quoted[value]
    if str.__len__(value) <= 40:
        text = "s:" + quote(value)
        if type(value) is str and len(_quoted) < 1000:
            _quoted[value] = text
        return text
    return "s#%d:%s" % (str.__len__(value), heavy.digest(str.encode(value, "utf-8", "surrogatepass")))


def _bytes(walk, value, depth):
    return "y#%d:%s" % (len(memoryview(value)), heavy.digest(value))


def _elements(walk, items, depth):
    """Contents of a list or tuple: at machine speed where all are numbers or all are texts."""
    if len(items) > 8:
        kinds = set(map(id, map(type, items)))
        if kinds <= _PLAIN:
            return heavy.digest(marshal.dumps(items, 2))
        if kinds == _TEXT:
            whole = "\0".join(items).encode("utf-8", "surrogatepass")
            return heavy.digest(whole + marshal.dumps(list(map(len, items)), 2))
    step = 1 + len(items) // _NODES
    return ("~" if step > 1 else "") + ",".join([walk.text(one, depth) for one in items[::step]])


def _sequence(kind, base):
    def write(walk, value, depth):
        count = base.__len__(value)

        def compute():
            items = value if type(value) is base else base(base.__iter__(value))
            return closed("%s[%d]" % (kind, count), _elements(walk, items if base is not deque else list(items), depth))

        if count <= _LONG or base is deque:
            return walk.inside(value, depth, compute)
        step = count // 32
        sample = [id(one) for one in base.__getitem__(value, slice(None, None, step))] + [id(base.__getitem__(value, -1))]
        return heavy.remembered(walk, value, (kind, count), sample, lambda: walk.inside(value, depth, compute), count * 32)

    return write


def _mapping(base, kind):
    def write(walk, value, depth):
        count = dict.__len__(value)

        def compute():
            parts, most = [], _NODES
            for key, item in (base if type(value) is base else dict).items(value):
                parts.append(walk.text(key, depth) + "=" + walk.text(item, depth))
                most -= 1
                if most < 0:
                    parts.append("~")
                    break
            return closed("%s[%d]" % (kind, count), ",".join(parts))

        if count <= _LONG:
            return walk.inside(value, depth, compute)
        first, last = next(dict.__iter__(value)), next(dict.__reversed__(value))
        sample = (id(first), id(last), id(dict.__getitem__(value, last)) if type(last) in SCALARS else 0)
        return heavy.remembered(walk, value, (kind, count), sample, lambda: walk.inside(value, depth, compute), count * 64)

    return write


def _set(base):
    def write(walk, value, depth):
        """In the order of iteration: that is how the hash order shows."""
        count = base.__len__(value)
        return walk.inside(
            value, depth, lambda: closed("set[%d]" % count, _elements(walk, list(base.__iter__(value)), depth))
        )

    return write


def _function(walk, value, depth):
    name = "fn:%s.%s" % (valueclass.word(value.__module__), valueclass.word(value.__qualname__))
    cells = value.__closure__
    if not cells or not valueclass.is_own_code(value.__code__):
        return name

    def compute():
        parts = []
        for cell in cells:
            try:
                parts.append(walk.text(cell.cell_contents, depth - 1))
            except ValueError:
                parts.append("-")
        return closed(name, ",".join(parts))

    return walk.inside(value, depth - 1, compute)


def _generator(walk, value, depth):
    """Its frame's variables, while it waits."""
    name = "gen:" + valueclass.word(value.__qualname__)
    frame = value.gi_frame
    if frame is None or value.gi_running or not valueclass.is_own_code(value.gi_code):
        return name + (":done" if frame is None else "")

    def compute():
        scope = frame.f_locals
        parts = [valueclass.word(key) + "=" + walk.text(item, depth - 1) for key, item in list(scope.items())]
        if type(scope) is dict and sys.version_info >= (3, 12):
            scope.clear()  # a snapshot: it would keep the values alive
        return closed("%s@%d" % (name, frame.f_lineno), ",".join(parts))

    return walk.inside(value, depth - 1, compute)


def _exception(walk, value, depth):
    name = "e:" + valueclass.name_of(type(value))
    return walk.inside(value, depth, lambda: closed(name, walk.text(_arguments(value), depth - 1)))


def _iterator(walk, value, depth):
    return "it:%s[%d]" % (type(value).__name__, type(value).__length_hint__(value))


_BASES = {
    bool: lambda walk, value, depth: "b:1" if value is True else "b:0",
    int: _integer,
    float: lambda walk, value, depth: "f:" + float.__repr__(value),
    complex: lambda walk, value, depth: "c:" + complex.__repr__(value),
    str: _string,
    bytes: _bytes,
    bytearray: _bytes,
    type(None): lambda walk, value, depth: "n",
    list: _sequence("l", list),
    tuple: _sequence("t", tuple),
    deque: _sequence("q", deque),
    OrderedDict: _mapping(OrderedDict, "d"),
    dict: _mapping(dict, "d"),
    set: _set(set),
    frozenset: _set(frozenset),
    range: lambda walk, value, depth: "r:%d:%d:%d" % (value.start, value.stop, value.step),
    slice: lambda walk, value, depth: closed("sl", ",".join([walk.text(p, depth) for p in (value.start, value.stop, value.step)])),
    type(iter([])): _iterator,
    type(iter(range(0))): _iterator,
    BaseException: _exception,
    FunctionType: _function,
    GeneratorType: _generator,
    MethodType: lambda walk, value, depth: "fn:" + (valueclass.word(value.__func__.__qualname__) if type(value.__func__) is FunctionType else "?"),
    BuiltinFunctionType: lambda walk, value, depth: "fn:" + valueclass.word(value.__name__),
    ModuleType: lambda walk, value, depth: "mod",
    type: lambda walk, value, depth: "cls:" + valueclass.name_of(value),
}
NAMED = {FunctionType, BuiltinFunctionType, ModuleType, type}


def _object(cls, base_writer):
    """Attributes of an object of the program's, or of a library's whose attributes are its value."""
    name = valueclass.name_of(cls)
    slots = valueclass.slots_of(cls)

    def write(walk, value, depth):
        head = [] if base_writer is None else [base_writer(walk, value, depth)]

        def compute():
            parts = head
            members = valueclass.attributes(value)
            if members:
                for key, item in list(members.items()):
                    parts.append(valueclass.word(key) + "=" + walk.text(item, depth - 1))
            for key, slot in slots:
                try:
                    parts.append(key + "=" + walk.text(slot.__get__(value), depth - 1))
                except AttributeError:
                    pass
            return closed("o:" + name, ",".join(parts))

        return walk.inside(value, depth, compute)

    return write


def _resolve(cls):
    """How values of a class are written; found once for each."""
    writer = None
    lineage = valueclass.lineage(cls)
    for base in lineage:
        writer = _BASES.get(base) if type(base) is type else None
        if writer is not None:
            break
    if writer is None:
        writer = valueclass.library_writer(cls, lineage)
    if writer is None or valueclass.is_own(cls) and type not in lineage:
        if valueclass.is_own(cls) or valueclass.shows_attributes(lineage):
            writer = writer if getattr(writer, "whole", False) else _object(cls, writer)
        elif writer is None:
            name = "?:" + valueclass.name_of(cls)
            writer = lambda walk, value, depth: name  # noqa: E731
    if len(_kept) > 20000:
        _writers.clear()
        del _kept[:]
    _kept.append(cls)
    _writers[id(cls)] = writer
    return writer


def text_of(value, fresh=True, depth=DEPTH):
    """The text alone: for arguments, results, and inputs and outputs of operators."""
    return Walk(fresh).text(value, depth)
