"""Tells Reprise what a run means. Everything here does nothing, at no cost, where no run is being recorded.

    import reprise

    reprise.seed("split")                       a seed of its own for each purpose
    reprise.param("lr", 0.1)
    reprise.metric("loss", 0.25, step=3)
    reprise.checkpoint("model.pt", step=3)      a checkpoint was written
    reprise.claim("auc > 0.9")                  what the run is to show
    reprise.reference("held-out", x, y)         predictions by which two runs are compared

Needs no package but Python's own, 3.8 or later. Inside `reprise run` it is there without being installed.
"""
import re
import sys
from types import ModuleType as _Module

__all__ = ["checkpoint", "claim", "metric", "param", "recorded", "reference", "seed"]
__version__ = "0.1.0"

_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


def _agent():
    """What Reprise has put into this process, if it has."""
    if "reprise_agent.boot" not in sys.modules:
        return None
    try:
        from reprise_agent import library
    except Exception:
        return None  # of another version
    return library


_told = _agent()


def recorded():
    """Whether Reprise records this process."""
    return _told is not None


def metric(name, value, step=None):
    """A number that the run has reached."""
    if _told is not None:
        _told.metric(name, value, step)


def param(name, value):
    """A setting of the run. Values under names of secrets are not recorded."""
    if _told is not None:
        _told.param(name, value)


def _standing(name):
    """Without a root seed a seed follows from its name alone: the same in every process and every run."""
    from hashlib import sha256

    return int.from_bytes(sha256(("\0seed\0" + name).encode()).digest()[:4], "big")


def seed(name):
    """A seed from 0 to 2**32 - 1 for one purpose, such as "split", "init", "shuffle".

    It follows from the root seed of the run and the name: the same in every process of the run and at every call.
    `reprise run --seed split=7` makes it 7 and leaves the others as they are. Where no run is recorded, or with
    `--seed off`, it follows from the name alone and is the same in every run.
    """
    if not isinstance(name, str) or _NAME.match(name) is None:
        raise ValueError("the name of a seed is made of letters, digits, '_', '.' and '-': %r" % (name,))
    standing = _standing(name)
    return standing if _told is None else _told.seed(name, standing)


def claim(text):
    """What the run is to show, such as "auc > 0.9": `reprise verify --level scientific` tests it."""
    if _told is not None:
        _told.claim(text)


def reference(name, inputs, predictions):
    """What the model says of fixed inputs: `reprise verify --level functional` compares it.

    Both are arrays, tensors, data frames or lists. Of the inputs a digest is recorded, of the predictions every number.
    """
    if _told is not None:
        _told.reference(name, inputs, predictions)


class _Package(_Module):
    """`reprise.checkpoint` is loaded when it is asked for."""

    def __getattr__(self, name):
        if name == "checkpoint":
            from importlib import import_module

            return import_module(__name__ + ".checkpoint")
        raise AttributeError("module 'reprise' has no attribute %r" % name)


sys.modules[__name__].__class__ = _Package
