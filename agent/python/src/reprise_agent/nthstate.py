"""State that a checkpoint has to hold besides model and optimizer: generators of the program's own, schedulers, buffers.

They are found where the user's code keeps them: in variables of its running functions and one level inside the objects there.
For `reprise resume-check` the states of all generators are also written down at each save, to be put back in a resumed run.
"""
import json
import os
import sys
from _weakref import ref

from . import channels, derive, fingerprint, place, settings
from .fingerprint import Unreadable
from .sink import fault
from .standin import like

_getframe = sys._getframe
_schedulers = []
_MOST = 400  # values of a frame or an object that are looked at
_NO_STATE = ("_step_count", "_get_lr_called_within_step", "_is_initial", "verbose", "optimizer")


def _of(module, name):
    return getattr(sys.modules.get(module), name, ())


def _is_own_generator(value):
    kind = type(value)
    top = kind.__module__.partition(".")[0]
    if top == "torch":
        return isinstance(value, _of("torch", "Generator")) and value is not _of("torch", "default_generator")
    if top == "numpy":
        if isinstance(value, _of("numpy.random", "RandomState")):
            return value is not getattr(_of("numpy.random", "mtrand"), "_rand", None)
        return isinstance(value, _of("numpy.random", "Generator"))
    if top == "random":
        return kind.__name__ == "Random" and value is not getattr(sys.modules["random"], "_inst", None)
    return False


def _inside(value):
    """What an object of the user's, a sampler or a loader keeps, by name."""
    scope = getattr(value, "__dict__", None)
    if type(scope) is dict and type(value).__module__ != "builtins" and not isinstance(value, type(sys)):
        return list(scope.items())[:_MOST]
    return ()


def _values(frame):
    """(name, value) in variables of the user's frames from the innermost outwards, and one level inside."""
    seen = set()
    while frame is not None:
        if place.user_file(frame) is not None:
            for name, value in list(frame.f_locals.items())[:_MOST]:
                if id(value) in seen:
                    continue
                seen.add(id(value))
                yield name, value
                for inner, one in _inside(value):
                    if id(one) not in seen:
                        seen.add(id(one))
                        yield name + "." + str(inner), one
                        if type(one).__module__.startswith("torch.utils.data"):
                            for deep, two in _inside(one):
                                yield "%s.%s.%s" % (name, inner, deep), two
        frame = frame.f_back


def own_generators(frame):
    found, seen = [], set()
    for name, value in _values(frame):
        if _is_own_generator(value) and id(value) not in seen:
            seen.add(id(value))
            found.append((name, value))
    return found


def _plain(value, depth=0):
    """The part of a scheduler's state that has bits; functions and the like are code."""
    if isinstance(value, dict):
        pairs = [(str(key), _plain(one, depth + 1)) for key, one in value.items() if depth or key not in _NO_STATE]
        return [pair for pair in sorted(pairs) if pair[1] is not None]
    if isinstance(value, (list, tuple)):
        return [_plain(one, depth + 1) for one in value]
    return value if isinstance(value, (int, float, str)) else None


def _buffers(frame):
    modules, inner = [], set()
    kind = _of("torch.nn", "Module")
    for _, value in _values(frame) if kind else ():
        if isinstance(value, kind) and id(value) not in inner:
            inner.update([id(one) for one in value.modules()])
            modules.append(value)
    return [one for module in modules for _, one in sorted(module.named_buffers(), key=lambda pair: pair[0])]


def channels_of(found):
    """Into the channels of a step: `scheduler`, `buffers`, and `rng.own:NAME` of each generator that the program made."""
    frame = _getframe(2)
    living = [one() for one in _schedulers]
    states = [_plain(one.state_dict()) for one in living if one is not None]
    if states:
        channels.put(found, "scheduler", states)
    if "buffers" not in found:
        buffers = _buffers(frame)
        if buffers:
            channels.put(found, "buffers", buffers)
    for name, generator in own_generators(frame):
        text = json.dumps(get_state(generator), sort_keys=True)
        found["rng.own:" + name] = [fingerprint.text(text)]


def patch_schedulers(module):
    """torch.optim.lr_scheduler: each one that is made."""
    kind = getattr(module, "LRScheduler", None) or module._LRScheduler
    original = kind.__init__

    def __init__(self, *args, **kwargs):
        try:
            _schedulers.append(ref(self))
        except Exception as error:
            fault("schedulers", error)
        return original(self, *args, **kwargs)

    kind.__init__ = like(__init__, original)


def get_state(generator):
    """As plain data that JSON can carry."""
    top = type(generator).__module__.partition(".")[0]
    if top == "torch":
        return bytes(generator.get_state().tolist()).hex()
    if top == "numpy":
        bits = getattr(generator, "bit_generator", None)
        return _to_json(bits.state if bits is not None else generator.get_state(legacy=False))
    return _to_json(generator.getstate())


def _to_json(value):
    if isinstance(value, dict):
        return {key: _to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(one) for one in value]
    return {"array": value.tolist(), "dtype": str(value.dtype)} if hasattr(value, "dtype") and hasattr(value, "tolist") else value


def _from_json(value):
    if isinstance(value, dict):
        if set(value) == {"array", "dtype"}:
            return sys.modules["numpy"].array(value["array"], dtype=value["dtype"])
        return {key: _from_json(one) for key, one in value.items()}
    return value


def set_state(generator, state):
    top = type(generator).__module__.partition(".")[0]
    if top == "torch":
        torch = sys.modules["torch"]
        generator.set_state(torch.tensor(list(bytes.fromhex(state)), dtype=torch.uint8))
    elif top == "numpy":
        bits = getattr(generator, "bit_generator", None)
        if bits is not None:
            bits.state = _from_json(state)
        else:
            generator.set_state(_from_json(state))
    else:
        version, words, gauss = state
        generator.setstate((version, tuple(words), gauss))


def all_generators(frame):
    """name → generator: the process-wide ones that exist, then the program's own."""
    found = {}
    if hasattr(sys.modules.get("random"), "_inst"):
        found["rng.random"] = sys.modules["random"]._inst
    numpy = sys.modules.get("numpy.random.mtrand")
    if hasattr(numpy, "_rand"):
        found["rng.numpy"] = numpy._rand
    torch = sys.modules.get("torch")
    if hasattr(torch, "default_generator"):
        found["rng.torch"] = torch.default_generator
        if torch.cuda.is_initialized():
            for index, one in enumerate(torch.cuda.default_generators):
                found["rng.cuda" + (":%d" % index if index else "")] = one
    for name, generator in own_generators(frame):
        found.setdefault("rng.own:" + name, generator)
    return found


def _file(nth):
    return "%s/%s-%d.json" % (settings.states, derive.proc.replace("/", "_"), nth)


def write(nth, frame):
    """At a save: what a resumed run can be given back. Not when such a thing is being put back."""
    if not settings.states or settings.put:
        return
    states = {}
    for name, generator in all_generators(frame).items():
        try:
            states[name] = get_state(generator)
        except Exception as error:
            fault("state of " + name, error)
    with open(_file(nth), "w") as file:
        json.dump(states, file)


def read(nth):
    with open(_file(nth)) as file:
        return json.load(file)
