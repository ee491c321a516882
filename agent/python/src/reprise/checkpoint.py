"""Checkpoints. `reprise.checkpoint(path, step=3)` says that one was written; the module can be called for it."""
import sys
from types import ModuleType as _Module

from . import _told


def written(path, step=None):
    """Says that a checkpoint was written to `path`: a file or a folder."""
    if _told is not None:
        _told.checkpoint(path, step)


class _Callable(_Module):
    def __call__(self, path, step=None):
        written(path, step)


sys.modules[__name__].__class__ = _Callable
