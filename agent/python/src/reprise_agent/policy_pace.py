"""How long an optimizer step takes: for replays that measure what a lever costs."""
import time

from . import ending
from .sink import emit

_clock = getattr(time.perf_counter, "real", time.perf_counter)
_TELL = 0.25  # seconds between two lines: the replay may be ended at any moment
_MOST = 20000
_WARM = 3  # the first steps allocate and compile
_durations = []
_state = {"last": None, "told": 0.0, "steps": 0}


def _tell():
    """The time that one step in ten stays below: what else the machine does only adds."""
    if _durations:
        ordered = sorted(_durations)
        emit("pace", steps=_state["steps"], seconds=ordered[len(ordered) // 10])


def _step(*unused):
    now, last = _clock(), _state["last"]
    _state["steps"] += 1
    if last is not None and _state["steps"] > _WARM and len(_durations) < _MOST:
        _durations.append(now - last)
    if now - _state["told"] > _TELL:
        _tell()
        _state["told"] = now = _clock()
    _state["last"] = now


def patch(module):
    module.register_optimizer_step_post_hook(_step)
    ending.last.append(_tell)
