"""Steps of a training, found without its help: one stream of them for each optimizer, model or booster.

Loaded only with REPRISE_STEPS. What knows a framework (torchsteps, kerassteps, booststeps, sklearnsteps) says here when a step
was made and what there is to tell; here it is counted, written and passed on to listeners.
"""
from _weakref import ref

from . import channels, ending, place, process, sampling
from .fingerprint import combine
from .sink import emit, fault

extras = []  # called with the channels of a step that is looked at, to add others
listeners = []  # called with (of, n) after every step, and with n = -1 before the first of its `of`
rate = sampling.start()
_streams = {}  # id → (weak reference, Stream)
_total = [0]
_held = []  # steps of which some numbers are still on a device


class Stream:
    """The steps of one thing: `of` is its number among all such things of the process, in the order of their first step."""

    __slots__ = ("of", "kind", "n", "index", "looking", "note")

    def __init__(self, kind, name, index):
        self.kind, self.n, self.index = kind, 0, index
        self.of = "%d:%s" % (index, name)
        self.looking = False
        self.note = None


_made = [0]


def global_count():
    """Steps of any `of` so far in this process."""
    return _total[0]


def stream(thing, kind, name=None):
    """(its stream, whether this is the first sight of it). Nothing is kept alive and nothing is written on it."""
    key = id(thing)
    known = _streams.get(key)
    if known is not None and known[0]() is thing:
        return known[1], False
    made = Stream(kind, name or type(thing).__name__, _made[0])
    _made[0] += 1

    def gone(reference):
        if _streams.get(key, (None,))[0] is reference:
            del _streams[key]

    _streams[key] = (ref(thing, gone), made)
    made.looking = rate.due(made)
    return made, True


def any_due():
    """Whether the next step, whosever it is, may be one to be looked at."""
    if rate.all or not _streams or len(_streams) > 8:
        return True
    return any([rate.due(one) for _, one in list(_streams.values())])


def _line(one, n, at, found):
    emit("step", n=n, kind=one.kind, of=one.of, f=at[0], l=at[1], c={name: "%016x" % combine(parts) for name, parts in found.items()})


def _write(one, n, at, found):
    if _held:
        _release()
    if any([type(part) is not int for parts in found.values() for part in parts]):
        from . import tensors

        _held.append((one, n, at, tensors.Later(found)))
    else:
        _line(one, n, at, found)


def _release():
    """Numbers of a device are on their way since the step before: by now they have come."""
    while _held:
        one, n, at, later = _held.pop(0)
        _line(one, n, at, later.resolve())


def _tell(one, n):
    for function in list(listeners):
        try:
            function(one.of, n)
        except Exception as error:
            fault("listener of steps", error)


def _others(found):
    channels.generators(found)
    for function in extras:
        try:
            function(found)
        except Exception as error:
            fault("channels of steps", error)


def before(one, at, found):
    """The state in which something enters its first step. `found`: channel → list of numbers."""
    if one.looking:
        _others(found)
        _write(one, -1, at, found)
    _tell(one, -1)


def after(one, at, found):
    """A step was made. `found` is None when it was not to be looked at."""
    n, one.n = one.n, one.n + 1
    _total[0] += 1
    if found is not None:
        _others(found)
        found["control"] = channels.flow()
        _write(one, n, at, found)
    _tell(one, n)


def paced(one, started):
    """To be called last, with the moment at which our part in this step began."""
    rate.spent += sampling.clock() - started
    rate.step(one.looking)
    one.looking = rate.due(one)


def after_fork():
    """A child counts its own steps."""
    global rate
    _streams.clear()
    del _held[:]
    _total[0] = _made[0] = 0
    channels._flow[0] = 0
    rate = sampling.start()


process.on_fork(after_fork)
ending.last.append(_release)
