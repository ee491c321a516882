"""Checkpoints as they are written, for `reprise resume-check`: known by their names, or by the patterns that were given.

Loaded only with REPRISE_CHECKPOINTS. A line `saved` tells how many steps were made by then; with REPRISE_HALT the process ends
itself after so many steps, or before it writes the so-many-th checkpoint.
"""
import os
import re
import sys
import time

from . import channels, keep, nthstate, place, settings, steps
from .sink import emit, fault
from .standin import like

_getframe = sys._getframe
_sleep = time.sleep
_clock = getattr(time.time, "real", time.time)
_NAMES = re.compile(
    r"\.(pt|pth|ckpt|safetensors|keras|h5|hdf5|pkl|pickle|joblib|npz|msgpack|ubj|cbm)$"
    r"|(model|agent|_steps|checkpoint)[^/]*\.zip$"
    r"|(^|[/_.-])(checkpoint|ckpt)[^/]*(/[^/]+)?$|/[^/]*orbax[^/]*$",
    re.I,
)
_LEAVE = ("/__pycache__/", "/.git/", "/.reprise/", "/.cache/")
_PATIENCE = 10.0  # seconds in which whoever asked for the halt ends the whole family
_state = {"saves": 0, "halted": False}


def _patterns():
    """Globs, one a line, against the path below the project or the whole of it; `1`: the usual names."""
    import fnmatch

    words = [word for word in settings.checkpoints.split("\n") if word]
    if words == ["1"]:
        return None
    return [re.compile(fnmatch.translate(word)) for word in words]


_own = _patterns()


def is_checkpoint(path):
    if any([part in path for part in _LEAVE]):
        return False
    if _own is None:
        return _NAMES.search(path) is not None
    inside = path[len(settings.project) + 1 :] if path.startswith(settings.project + "/") else path
    return any([one.match(inside) or one.match(path) or one.match(os.path.basename(path)) for one in _own])


def saved(path, how, existed):
    """A checkpoint is about to be written, or about to get its name."""
    count = steps.global_count()
    nth, _state["saves"] = _state["saves"], _state["saves"] + 1
    if _halt_at("save", nth):
        return halt()
    frame, file = place.nearest(_getframe(2))
    found = {}
    channels.generators(found)
    numbers = {name: "%016x" % channels.combine(parts) for name, parts in found.items() if all([type(part) is int for part in parts])}
    emit("saved", p=path, how=how, existed=existed, steps=count, n=nth, f=file, l=None if frame is None else frame.f_lineno, c=numbers)
    nthstate.write(nth, _getframe(2))


def _halt_at(what, number):
    words = settings.halt.split()
    return len(words) > 1 and words[0] == what and int(words[1]) <= number and not _state["halted"]


def halt():
    """Here the run ends: by a signal that the program may answer, or with its whole family at once."""
    _state["halted"] = True
    words = settings.halt.split()
    signal = words[2] if len(words) > 2 else "KILL"
    emit("halt", steps=steps.global_count(), signal=signal)
    if signal != "KILL":
        return os.kill(os.getpid(), 15)
    until = _clock() + _PATIENCE
    while _clock() < until:
        _sleep(0.02)
    os.kill(os.getpid(), 9)


def _stepped(of, n):
    if n >= 0 and _halt_at("step", steps.global_count()):
        halt()


def _written(original):
    def written(path, mode):
        if is_checkpoint(path) and "r" not in mode:
            saved(path, "open", os.path.exists(path))
        return original(path, mode)

    return written


def _renamed(original):
    def renamed(path, target):
        if is_checkpoint(target) or is_checkpoint(path):
            saved(target, "rename", os.path.exists(target))
        return original(path, target)

    return renamed


def _calls(kind, name, place_of_path):
    """What writes in compiled code, past the audit hook."""
    original = getattr(kind, name, None)
    if original is None:
        return

    def writer(*args, **kwargs):
        try:
            path = args[place_of_path] if len(args) > place_of_path else kwargs.get("fname", kwargs.get("filename"))
            mode = kwargs.get("mode", args[place_of_path + 1] if name == "__init__" and len(args) > place_of_path + 1 else "w")
            if isinstance(path, (str, os.PathLike)) and mode != "r":
                from . import watch

                path = watch.absolute(path)
                if _own is None or is_checkpoint(path):
                    saved(path, "open", os.path.exists(path))
        except Exception as error:
            fault("checkpoint by " + name, error)
        return original(*args, **kwargs)

    setattr(kind, name, like(writer, original))


WRITERS = (
    ("h5py._hl.files", "patch_h5py"),
    ("safetensors.torch", "patch_safetensors"),
    ("safetensors.numpy", "patch_safetensors"),
    ("xgboost.core", "patch_booster"),
    ("lightgbm.basic", "patch_booster"),
    ("catboost.core", "patch_catboost"),
)


def patch_h5py(module):
    _calls(module.File, "__init__", 1)


def patch_safetensors(module):
    _calls(module, "save_file", 1)


def patch_booster(module):
    _calls(module.Booster, "save_model", 1)


def patch_catboost(module):
    _calls(module.CatBoost, "save_model", 1)


def start():
    keep.written, keep.renamed = _written(keep.written), _renamed(keep.renamed)
    steps.listeners.append(_stepped)
    steps.extras.append(nthstate.channels_of)
