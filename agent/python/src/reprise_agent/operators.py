"""The operator trace: which torch operators one step calls, with hashes of what goes in and what comes out.

REPRISE_OPERATORS=n takes the step after n steps of the process; 0 is everything from the import of torch to the first step's
end. A dispatch mode of torch sees every operator, those of the backward pass too, below autograd.
"""
import os
import sys

from . import activation, heavy, hooks, place, rngstate, tracefile, unit, valuehash, valuetensor
from .sink import fault

_wanted = int(os.environ.get("REPRISE_OPERATORS") or 0)
_warns = os.environ.get("REPRISE_OPERATORS_WARN") == "1"
_MOST = 200000
_FRESH = ("empty", "empty_like", "empty_strided", "empty_permuted", "new_empty", "new_empty_strided", "resize_")
_mode = None
_left = None  # what torch's switches were


def _digests(values, found):
    """One digest for each tensor, and for each other argument."""
    torch = sys.modules["torch"]
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(heavy.digest(valuetensor.exact(value).encode()))
        elif type(value) in (list, tuple):
            _digests(value, found)
        elif value is not None:
            found.append(heavy.digest(valuehash.text_of(value).encode()))
    return found


def _put(name, frame, inputs, outputs):
    if name.startswith("profiler."):
        return
    user, file = place.nearest(frame)
    where = "%d\t%d" % (unit.file_number(file), user.f_lineno) if user is not None else "\t"
    fresh = "\tfresh" if name.partition(".")[2].partition(".")[0] in _FRESH else ""
    tracefile.put(tracefile.prefix(), "O\t%s\t%s\t%s\t%s%s" % (name, where, ",".join(inputs), ",".join(outputs), fresh))


def _make_mode(torch):
    from torch.utils._python_dispatch import TorchDispatchMode

    class Operators(TorchDispatchMode):
        over = False
        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if self.over:
                return function(*args, **kwargs)
            inputs = None
            try:
                inputs = _digests(args, [])
                _digests([kwargs[name] for name in sorted(kwargs)], inputs)
                before = rngstate.torch_state()
            except Exception as error:
                fault("lines", error)
            result = _warned(function, args, kwargs) if _warns else function(*args, **kwargs)
            if inputs is None:
                return result
            try:
                if rngstate.torch_state() != before:
                    inputs.append("rng:" + heavy.digest(before))  # it drew: the generator is an input
                outputs = _digests(result if type(result) in (list, tuple) else (result,), [])
                _put(str(function), sys._getframe(1), inputs, outputs)
                self.count += 1
                self.over = self.count >= _MOST
            except Exception as error:
                fault("lines", error)
            return result

    return Operators()


def _warned(function, args, kwargs):
    """Takes torch's warnings about operators that are not deterministic; all others go on."""
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*args, **kwargs)
    for one in caught:
        if "deterministic" in str(one.message):
            tracefile.put("", "W\t" + tracefile.quote("%s: %s" % (function, one.message)))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return result


def enter():
    global _mode, _left
    if _mode is not None:
        return
    torch = sys.modules["torch"]
    if _warns:
        _left = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
        torch.use_deterministic_algorithms(True, warn_only=True)
    _mode = _make_mode(torch)
    _mode.__enter__()


def leave():
    """Takes the mode off when it is the innermost one; under one of the program's it stays and does nothing."""
    global _left
    if _mode is None or _mode.over and _left is None:
        return
    from torch.utils._python_dispatch import _get_current_dispatch_mode

    _mode.over = True
    if _left is not None:
        (enabled, warn_only), _left = _left, None
        sys.modules["torch"].use_deterministic_algorithms(enabled, warn_only=warn_only)
    if _get_current_dispatch_mode() is _mode:
        _mode.__exit__(None, None, None)
    tracefile.flush()


def stepped(of, n):
    from . import steps

    try:
        done = steps.global_count()
        if done > _wanted:
            leave()
        elif done == _wanted:
            enter()
    except Exception as error:
        fault("operators", error)


def start():
    try:
        from . import steps

        steps.listeners.append(stepped)
    except ImportError as error:
        fault("operators", error)
    if _wanted == 0:
        hooks.after("torch", lambda torch: enter())
