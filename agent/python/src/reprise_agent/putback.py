"""A resumed run is given states of generators back that the uninterrupted run had when it wrote the checkpoint.

Loaded only with REPRISE_PUT: `nth name name …` where nth is the save and a name is a channel such as rng.torch. They are put
back once a checkpoint was read, and again just before the first pass over a DataLoader after that.
"""
import os
import sys

from . import checkpoints, nthstate, settings
from .sink import emit, fault
from .standin import like

_getframe = sys._getframe
_state = {"loaded": False, "passed": False}


def _wanted():
    nth, _, names = settings.put.partition(" ")
    return int(nth), names.split(" ")


def _put(frame, when):
    nth, names = _wanted()
    states, done = nthstate.read(nth), []
    here = nthstate.all_generators(frame)
    for name in names:
        if name in states and name in here:
            nthstate.set_state(here[name], states[name])
            done.append(name)
    emit("putback", when=when, names=done)


def _path_of(file):
    name = getattr(file, "name", file)
    if isinstance(name, (str, os.PathLike)):
        from . import watch

        return watch.absolute(name)
    return None


def _loading(original):
    def load(*args, **kwargs):
        result = original(*args, **kwargs)
        try:
            path = _path_of(args[0] if args else next(iter(kwargs.values()), None))
            if path is not None and checkpoints.is_checkpoint(path):
                _state["loaded"], _state["passed"] = True, False
                _put(_getframe(1), "loaded")
        except Exception as error:
            fault("putting back after a load", error)
        return result

    return like(load, original)


def patch_load(module):
    """torch.serialization, joblib, pickle: after `load`."""
    module.load = _loading(module.load)


def patch_safetensors(module):
    module.load_file = _loading(module.load_file)


def patch_loader(module):
    original = module.DataLoader.__iter__

    def __iter__(self):
        try:
            if _state["loaded"] and not _state["passed"]:
                _state["passed"] = True
                _put(_getframe(1), "passed")
        except Exception as error:
            fault("putting back before a pass", error)
        return original(self)

    module.DataLoader.__iter__ = like(__iter__, original)


HOOKS = (
    ("torch.serialization", "patch_load"),
    ("joblib.numpy_pickle", "patch_load"),
    ("pickle", "patch_load"),
    ("safetensors.torch", "patch_safetensors"),
    ("torch.utils.data.dataloader", "patch_loader"),
)
