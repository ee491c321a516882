"""Metrics and parameters that the program gives to its own loggers, written as lines once the logger has taken them."""
import re

from . import derive, ending, process
from .interrupt import pass_on
from .sink import emit, fault, quote, write_fast
from .standin import like

_MOST = 100000  # points of one series that are kept; later ones are only counted and digested
_MOST_PARAMS = 2000
_MOST_TEXT = 2000
_SECRET = re.compile(
    r"(?:^|[_./\s-])(?:password|passwd|secret|api_?key|access_?key|secret_?key|private_?key|credentials?"
    r"|(?:auth|access|api|bearer|hub|hf|github|wandb)_?token)$|(?:^|[./])(?:token|pwd|dsn|cookie|auth|passphrase)$",
    re.I,
)
SECRET = "<secret>"
_NO_SECRETS = ("", "None", "True", "False")  # nobody gave one
_points = {}
_rest = {}  # series → digest of its points behind the first _MOST
_params = {}
_runs = {}


def run_of(source, key):
    """Which run or writer of a logger this is, from 0: names and folders of them are others each time."""
    known = _runs.setdefault(source, {})
    found = known.get(key)
    if found is None:
        found = known[key] = len(known)
    return found


_MOST_FITS = 100
_fits = {}


def fit_of(source):
    """The next of several fits of one trainer in a program, from 0; from the hundredth on they share one number."""
    found = _fits[source] = min(_fits.get(source, -1) + 1, _MOST_FITS - 1)
    return found


def number(value):
    """What a logger makes of a value: a plain number, or None where it is none."""
    kind = type(value)
    if kind is float:
        return value
    try:
        if kind is not int and kind is not bool:
            if isinstance(value, (str, bytes, dict)):
                return None
            if hasattr(value, "detach"):
                value = value.detach()
            item = getattr(value, "item", None)
            value = item() if item is not None else float(value)
        if type(value) is bool:
            return int(value)
        return value if type(value) is int and -(2**53) < value < 2**53 else float(value)
    except Exception as error:  # a table, a picture, a histogram
        pass_on(error)
        return None


def _text(value):
    if value is None:
        return "null"
    if type(value) is int or value - value == 0:
        return repr(value)
    return '"NaN"' if value != value else '"Infinity"' if value > 0 else '"-Infinity"'


def metric(source, name, value, step=None, run=0):
    value = number(value)
    if value is None:
        return
    key = (source, name, run)
    count = _points[key] = _points.get(key, 0) + 1
    step = None if step is None else number(step)
    if step is not None and step - step != 0:
        step = None
    if count > _MOST:
        point = ("%s %s\n" % (_text(step), _text(value))).encode()
        if key in _rest:
            return _rest[key].update(point)
        # One point more is written: that there were more is known of a process that was killed, too.
        _rest[key] = derive.sha256(point)
    which = ',"run":%d' % run if run else ""
    write_fast('{"e":"metric","src":"%s","name":%s,"step":%s,"value":%s%s}\n' % (source, quote(str(name)), _text(step), _text(value), which))


def param(source, name, value, run=0, origin=None):
    """origin: how it got its value, where the parser that gave it knows."""
    name = str(name)
    value = str(value)[:_MOST_TEXT]
    if value not in _NO_SECRETS and _SECRET.search(name):
        value = SECRET
    key = (source, name, run)
    if _params.get(key) == (value, origin) or (key not in _params and len(_params) >= _MOST_PARAMS):
        return
    _params[key] = (value, origin)
    emit("param", src=source, name=name, value=value, **dict({"run": run} if run else {}, **({"from": origin} if origin else {})))


def flat(data, prefix="", depth=0):
    """Names and values of nested dictionaries, joined by dots."""
    for key, value in list(data.items()):
        name = prefix + str(key)
        if isinstance(value, dict) and depth < 8:
            yield from flat(value, name + ".", depth + 1)
        else:
            yield name, value


def after(owner, name, source, tell):
    """owner.name as it was; then tell(self, its arguments, theirs by name)."""
    original = getattr(owner, name, None)
    if original is None:
        return

    def method(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        guarded(source, tell, self, args, kwargs)
        return result

    setattr(owner, name, like(method, original))


def given(args, kwargs, at, name, default=None):
    """An argument of a method, by its place behind self or by its name."""
    return args[at] if len(args) > at else kwargs.get(name, default)


def guarded(source, function, *args):
    try:
        function(*args)
    except Exception as error:
        fault("logger " + source, error)


def counts():
    """At the end: how many points the series had that were too long, and a digest of those that were not written."""
    for (source, name, run), rest in list(_rest.items()):
        more = {"run": run} if run else {}
        more["count"] = _points[source, name, run]
        emit("metric", src=source, name=str(name), step=None, value=None, rest=rest.hexdigest(), **more)


def after_fork():
    _points.clear()
    _fits.clear()
    _rest.clear()


ending.last.append(counts)
process.on_fork(after_fork)
