"""What the program tells by `import reprise`: the package beside this one calls these. None of them raises."""
import os
from itertools import count

from . import arrays, derive, logged, place, process, settings
from .interrupt import pass_on
from .sink import emit, fault

_MOST = 1000  # of each kind and process
_said = {}
_numbers = count()


def _guarded(function):
    def call(*args):
        try:
            return function(*args)
        except Exception as error:
            fault("reprise." + function.__name__, error)
            return None

    return call


def _first(kind, *what):
    """Whether this is said for the first time, and not the thousand-and-first thing."""
    known = _said.setdefault(kind, set())
    if what in known or len(known) >= _MOST:
        return False
    known.add(what)
    return True


@_guarded
def metric(name, value, step):
    if logged.number(value) is None:
        fault("reprise.metric", "%s: %s is no number" % (name, type(value).__name__))
        return
    logged.metric("reprise", name, value, step)


@_guarded
def param(name, value):
    logged.param("reprise", name, value)


def _declared(name):
    for word in settings.seeds:
        declared, _, value = word.partition("=")
        if declared == name:
            return int(value)
    return None


def _seed(name, standing):
    key = "seed:" + name
    given = _declared(name)
    root = derive.root_of(key)
    value = standing
    if given is not None:
        value = given
    elif root:
        value = int.from_bytes(derive.sha256("\0".join((root, "seed", name)).encode()).digest()[:4], "big")
    file, line = place.where(2)
    if _first("seed", name, file, line):
        emit("seed", name=name, value=value, declared=given is not None, key=key, f=file, l=line)
    return value


def seed(name, standing):
    try:
        return _seed(name, standing)
    except Exception as error:
        fault("reprise.seed", error)
        return standing


@_guarded
def claim(text):
    file, line = place.where(2)
    text = str(text)[:2000]
    if _first("claim", text, file, line):
        emit("claim", text=text, f=file, l=line)


@_guarded
def checkpoint(path, step):
    file, line = place.where(2)
    path = os.path.abspath(os.fsdecode(path))
    step = logged.number(step)
    if _first("checkpoint", path, step, file, line):
        emit("checkpoint", p=path, step=step, f=file, l=line)


def _kept(predictions):
    """Writes the file; its name, or why there is none."""
    if predictions is None:
        return {"lost": "the predictions are no array of numbers or texts"}
    data = predictions.npy()
    if len(data) > settings.keep_max:
        return {"lost": "larger than %d bytes" % settings.keep_max}
    name = "reference-%d-%d.npy" % (os.getpid(), next(_numbers))
    try:
        with open(settings.events + "/" + name, "xb") as file:
            file.write(data)
    except OSError as error:
        pass_on(error)
        return {"lost": error.strerror or str(error)}
    return {"kept": name}


@_guarded
def reference(name, inputs, predictions):
    file, line = place.where(2)
    if not _first("reference", next(_numbers)):
        return
    array = arrays.array_of(predictions)
    kept = _kept(array)
    emit("reference", name=str(name), inputs=arrays.digest_of(inputs), f=file, l=line, **kept)


process.on_fork(_said.clear)
