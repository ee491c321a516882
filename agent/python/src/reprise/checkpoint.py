"""Checkpoints. `reprise.checkpoint(path, step=3)` says that one was written; save and restore write and read one that holds
all that a training needs to go on as if it had not been interrupted:

    from reprise import checkpoint

    loader = checkpoint.resumable(loader)
    last = checkpoint.restore("last.pt", model=model, optimizer=optimizer, scheduler=scheduler, loader=loader)
    for epoch in range(last["epoch"] if last else 0, 10):
        for x, y in loader:
            ...
        scheduler.step()
        checkpoint.save("last.pt", model=model, optimizer=optimizer, scheduler=scheduler, loader=loader, epoch=epoch + 1)

Saved are the state of each object, plain values as they are, and always the states of the process-wide generators (random,
NumPy, torch, CUDA). It works without Reprise. Reading runs no code: the file is plain data.
"""
import os
import sys
from types import ModuleType as _Module

from . import _told

_FORMAT = "reprise/checkpoint@1"


def written(path, step=None):
    """Says that a checkpoint was written to `path`: a file or a folder."""
    if _told is not None:
        _told.checkpoint(path, step)


def resumable(loader):
    """A DataLoader that can be saved and gone on with in the middle of an epoch."""
    from ._loader import Resumable

    return loader if hasattr(loader, "state_dict") else Resumable(loader)


def save(path, **things):
    """Saves everything that is passed by name, and all generators; whole or not at all.

    What has `state_dict`, generators (torch, NumPy, random) and scikit-learn estimators are saved by their state; anything
    else must be a plain value: numbers, text, lists, dictionaries, arrays, tensors.
    """
    from . import _plain, _states

    states = {name: _states.take(name, thing, _plain.encode) for name, thing in things.items()}
    generators = _plain.encode(_states.generators(), "generators")
    _plain.write(path, {"format": _FORMAT, "states": states, "generators": generators})
    step = things.get("step", things.get("epoch"))
    written(path, step if isinstance(step, (int, float)) else None)


def load(path, **things):
    """Gives the objects their state back, then all generators theirs. Returns what was saved, by name.

    Every object that was saved by its state has to be passed, under the name that it was saved by.
    """
    from . import _plain, _states

    saved = _plain.read(path)
    if not isinstance(saved, dict) or saved.get("format") != _FORMAT:
        raise ValueError("%s was not written by reprise.checkpoint.save" % os.fspath(path))
    strange = sorted(set(things) - set(saved["states"]))
    if strange:
        raise ValueError("%s holds no state of: %s" % (os.fspath(path), ", ".join(strange)))
    # Whatever the others draw while they are given their state, generators come last.
    found = {name: _states.give(name, things.get(name), state, _plain.decode) for name, state in saved["states"].items()}
    _states.set_generators(_plain.decode(saved["generators"]))
    for thing in things.values():
        if hasattr(thing, "restored") and hasattr(thing, "loader"):
            thing.restored()
    return found


def restore(path, **things):
    """Like load; None where there is no checkpoint yet."""
    return load(path, **things) if os.path.exists(path) else None


class _Callable(_Module):
    def __call__(self, path, step=None):
        written(path, step)


sys.modules[__name__].__class__ = _Callable
