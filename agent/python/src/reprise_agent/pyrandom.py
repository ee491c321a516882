"""The standard library's random: its global instance and every Random() made without a seed."""
import os
import sys

from . import place, settings, tracked
from .sink import fault

_getframe = sys._getframe
_module = None


def _caller():
    """The frame that asked for a seed, outside random.py itself."""
    frame = _getframe(2)
    while frame is not None and frame.f_code.co_filename == _module.__file__:
        frame = frame.f_back
    return frame


def _may_seed(frame):
    """Temporary names, session ids and keys of the standard library must stay unpredictable."""
    return frame is not None and not place.is_stdlib(frame.f_code.co_filename)


def _seed_global(number):
    _original(_module._inst, number)


def _original(instance, *args):
    return _module.Random.seed.__wrapped__(instance, *args)


def _state():
    return hash(_module._inst.getstate())


def _quick_state(instance):
    """A look at the index and the words where CPython keeps them, thirty times faster; None where they are not there."""
    import ctypes

    if sys.implementation.name != "cpython":
        return None
    # Behind the head of the object, whatever subclass it is of.
    address = id(instance) + object.__basicsize__
    words, index = instance.getstate()[1][:-1], instance.getstate()[1][-1]
    size = 4 * (1 + len(words))
    if _module._random.Random.__basicsize__ < object.__basicsize__ + size:
        return None
    if list((ctypes.c_uint32 * (1 + len(words))).from_address(address)) != [index, *words]:
        return None
    return lambda: ctypes.string_at(address, size)


def _peek():
    """What looks at the state, found at the first look: ctypes is loaded once the main program is compiled."""
    if not settings.locate:
        return None
    found = []

    def look():
        if not found:
            try:
                found.append(_quick_state(_module._inst) or _state)
            except Exception as error:
                fault("state of random", error)
                found.append(_state)
        return found[0]()

    return look


def _wrap_seed(module):
    original = module.Random.seed
    system = module.SystemRandom

    def seed(self, a=None, *args, **kwargs):
        try:
            if not isinstance(self, system):
                frame = _caller()
                if _in_worker(frame):
                    tracked.take_over("random")
                elif a is not None:
                    if self is module._inst and frame is not None:
                        return tracked.own_seed(
                            "random", "random.seed", a, frame, lambda: original(self, a, *args, **kwargs)
                        )
                elif _may_seed(frame):
                    name = "random.seed" if self is module._inst else "random.Random"
                    a = tracked.note_creation(name, frame, 256)
                    if self is module._inst:
                        original(self, a, *args, **kwargs)
                        return tracked.reseeded("random")
        except Exception as error:
            fault("random.Random.seed", error)
        return original(self, a, *args, **kwargs)

    for name in ("__doc__", "__name__", "__qualname__", "__module__"):
        setattr(seed, name, getattr(original, name))
    seed.__wrapped__ = original
    module.Random.seed = seed
    module.seed = module._inst.seed


def _in_worker(frame):
    return frame is not None and frame.f_code.co_filename.endswith("torch/utils/data/_utils/worker.py")


def _after_fork():
    """random seeds itself anew in a forked child, from the operating system: here from the child's stream."""
    generator = tracked.known.get("random")
    try:
        if generator is not None:
            generator.start()
    except Exception as error:
        fault("random after fork", error)


def patch(module):
    global _module
    _module = module
    if not hasattr(module, "_inst") or not hasattr(module.Random, "seed"):
        return
    _wrap_seed(module)
    tracked.add("random", _state, _seed_global, 256, _peek())
    # Registered after random's own hook, so it runs after it.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


