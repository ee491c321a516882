"""Parameters as texts: what a parser of options or of configuration files made of them."""
import sys

from . import logged, place

_MOST_CALLS = 200  # of one parser: a program that parses in a loop is not slowed
_PLAIN = (str, int, float, bool, bytes, complex, type(None))
_NAMED = ("dtype", "device", "Path", "PosixPath", "WindowsPath", "PurePosixPath", "datetime", "date", "timedelta", "Decimal", "Fraction", "UUID")
_calls = {}


def text(value, depth=0):
    """str() only of what has no code of the user's in it; of all else its kind."""
    kind = type(value)
    if kind in _PLAIN:
        return str(value) if depth == 0 else repr(value)
    if hasattr(kind, "__members__") and hasattr(value, "value"):
        return text(value.value, depth)  # an enumeration
    if isinstance(value, type) or callable(value) and hasattr(value, "__qualname__"):
        return "%s.%s" % (getattr(value, "__module__", "?"), value.__qualname__)
    if depth < 4 and kind in (list, tuple, set, frozenset):
        items = [text(one, depth + 1) for one in list(value)[:200]]
        if kind in (set, frozenset):  # in an order that does not hang on hashes
            return "{%s}" % ", ".join(sorted(items))
        return ("(%s)" if kind is tuple else "[%s]") % ", ".join(items)
    if depth < 4 and kind is dict:
        return "{%s}" % ", ".join(["%s: %s" % (text(key, depth + 1), text(one, depth + 1)) for key, one in list(value.items())[:200]])
    if isinstance(value, str):
        return str.__str__(value) if depth == 0 else str.__repr__(value)
    if kind.__name__ in _NAMED:
        return str(value)
    return "<%s.%s>" % (kind.__module__, kind.__qualname__)


def _fields(value):
    return None if isinstance(value, type) else getattr(type(value), "__dataclass_fields__", None)


def flat(name, value, depth=0):
    """(name, value) of dataclasses, dictionaries and namespaces within one another, joined by dots."""
    fields, prefix = _fields(value), name + "." if name else ""
    if fields is not None and depth < 8:
        # A field may be a descriptor; what cannot be read is not there.
        items = [(key, vars(value).get(key, getattr(value, key, None))) if hasattr(value, "__dict__") else (key, getattr(value, key, None)) for key in fields]
    elif isinstance(value, dict) and value and depth < 8:
        items = [(str(key), one) for key, one in list(value.items())]
    elif type(value).__name__ == "Namespace" and depth < 8:
        items = list(vars(value).items())
    else:
        yield name, value
        return
    for key, one in items:
        for found in flat(prefix + key, one, depth + 1):
            yield found


def tell(source, name, value, origin, run=0):
    for key, one in flat(name, value):
        logged.param(source, key, text(one), run, origin(key) if callable(origin) else origin)


def often(source):
    """Whether this parser has been called so often that nobody needs to hear more."""
    _calls[source] = _calls.get(source, 0) + 1
    return _calls[source] > _MOST_CALLS


def by_user(frame, inner=()):
    """Whether the call comes from the user's own line: not from a library that parses for itself, nor while one is imported."""
    while frame is not None:
        if place.user_file(frame) is not None:
            return True
        module = frame.f_globals.get("__name__")
        if not isinstance(module, str):  # code that was executed under names of its own
            return False
        if module.partition(".")[0] not in inner and module.partition(".")[0] != __name__.partition(".")[0]:
            return False
        frame = frame.f_back
    return False


def words():
    """What the words of the command line set: lr of --lr, --lr=1, --no-lr, model.lr=1."""
    return given(sys.argv[1:])


def given(arguments):
    names = set()
    for word in list(arguments):
        word = str(word)
        if word.startswith("-"):
            name = word.lstrip("-").partition("=")[0].replace("-", "_")
            names.add(name)
            if name.startswith("no_"):
                names.add(name[3:])
            names.add(".".join([part[3:] if part.startswith("no_") else part for part in name.split(".")]))
        elif "=" in word:
            names.add(word.partition("=")[0].lstrip("+~"))
    return names
