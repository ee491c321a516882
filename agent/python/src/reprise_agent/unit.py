"""Code of the user's: which files, functions and lines the records speak of."""
from . import lineuse, place, tracefile
from .sink import quote

_OPTIMIZED = 1  # co_flags: locals are fast ones, f_locals is a picture of them
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
_files = {}
units = {}  # id of the code object → Unit


def file_number(file):
    number = _files.get(file)
    if number is None:
        number = _files[file] = len(_files)
        tracefile.put("", "F\t%d\t%s" % (number, quote(file)))
    return number


class Unit:
    """A code object of the user's."""

    __slots__ = ("number", "code", "is_module", "is_function", "uses", "hidden", "opcodes")

    def __init__(self, code, file):
        number = file_number(file)
        self.code = code
        self.number = len(units)
        self.is_module = code.co_name == "<module>"
        self.is_function = bool(code.co_flags & _OPTIMIZED)
        self.uses = self.opcodes = None
        # On one line a comprehension is part of that line; from 3.12 on it has no frame of its own anyway.
        self.hidden = code.co_name in _COMPREHENSIONS and len(set(lineuse.lines_of(code))) < 2
        name = getattr(code, "co_qualname", code.co_name)
        tracefile.put("", "U\t%d\t%d\t%d\t%s" % (self.number, number, code.co_firstlineno, quote(name)))

    def use(self, line):
        if self.uses is None:
            self.uses = lineuse.of_code(self.code)
        return self.uses.get(line, lineuse.NOTHING)


def unit_of(frame):
    """The Unit of a frame of the user's, else None."""
    code = frame.f_code
    unit = units.get(id(code))
    if unit is None:
        file = place.user_file(frame)
        if file is None:
            return None
        unit = units[id(code)] = Unit(code, file)
    return unit


def after_fork():
    """The child's file tells files and functions again."""
    _files.clear()
    units.clear()
