"""scikit-learn: each `fit` or `partial_fit` of an estimator is one step; what it calls in its turn is part of it."""
import sys

from . import channels, fingerprint, sampling, steps
from .fingerprint import Unreadable, tag
from .sink import fault
from .standin import like

_getframe = sys._getframe
_NAMES = ("fit", "partial_fit", "fit_transform", "fit_predict")
_active = [False]


def _add(parts, value, depth=0):
    """Like fingerprint.add, and into the objects that estimators consist of."""
    if depth > 12:
        raise Unreadable("too deep")
    np = fingerprint.numpy()
    if isinstance(value, dict):
        kept = [(str(key), one) for key, one in value.items() if "time" not in str(key)]
        parts.append(tag("dict", len(kept)))
        for key, one in sorted(kept, key=lambda pair: pair[0]):
            parts.append(fingerprint.text(key))
            _add(parts, one, depth + 1)
    elif isinstance(value, (list, tuple)) or isinstance(value, np.ndarray) and value.dtype.hasobject and not value.dtype.names:
        items = list(value) if isinstance(value, (list, tuple)) else value.reshape(-1).tolist()
        parts.append(tag("list", len(items)))
        for one in items:
            _add(parts, one, depth + 1)
    elif isinstance(value, (type, type(_add))):
        parts.append(fingerprint.text(value.__qualname__))
    elif type(value).__module__ == "builtins" or isinstance(value, (np.ndarray, np.generic)):
        fingerprint.add(parts, value)
    else:
        _add_object(parts, value, depth)


def _add_object(parts, value, depth):
    kind = type(value)
    parts.append(fingerprint.text(kind.__qualname__))
    if hasattr(value, "indptr"):
        return fingerprint.add(parts, channels.sparse_or_table(value))
    if hasattr(value, "get_state") and kind.__name__ == "RandomState":
        return fingerprint.add(parts, value.get_state())
    if hasattr(value, "bit_generator"):
        return _add(parts, value.bit_generator.state, depth + 1)
    if hasattr(value, "__dict__"):
        return _add(parts, _state(value), depth + 1)
    if hasattr(value, "__getstate__") and kind.__module__.startswith("sklearn."):
        return _add(parts, value.__getstate__(), depth + 1)  # trees and other compiled parts
    raise Unreadable(kind.__name__)


def _estimators(value):
    """Whether a parameter holds estimators, which are fitted in place (the steps of a pipeline)."""
    if isinstance(value, (list, tuple)):
        return any([_estimators(one) for one in value])
    return hasattr(value, "fit") and not isinstance(value, type)


def _state(estimator):
    """What fitting left. Parameters are told apart: another n_jobs is no other model."""
    params = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else ()
    return {name: value for name, value in vars(estimator).items() if name not in params or _estimators(value)}


def _fitted(found, estimator):
    """All of it; should some of it have no bits to read, the public part."""
    state = _state(estimator)
    for names in (list(state), [name for name in state if name.endswith("_")]):
        try:
            parts = []
            _add(parts, {name: state[name] for name in names})
            found["parameters"] = parts
            return
        except Unreadable:
            continue


def _options(found, estimator):
    try:
        parts = []
        _add(parts, estimator.get_params(deep=False))
        found["options"] = parts
    except Unreadable:
        pass


def _batch(found, data):
    data = [one for one in data if hasattr(one, "shape") or isinstance(one, (list, tuple))]
    if any([hasattr(one, "indptr") for one in data]):
        return channels.put(found, "batch", [channels.sparse_or_table(one) for one in data])
    batch = channels.Batch()
    if data:
        batch.call(data)
        batch.put(found)


def _begin(estimator, data, frame):
    started = sampling.clock()
    one, new = steps.stream(estimator, "sklearn")
    at, found = channels.passed(frame), {}
    if new:
        if one.looking:
            _options(found, estimator)
            if any([name.endswith("_") and not name.startswith("_") for name in vars(estimator)]):
                _fitted(found, estimator)  # it goes on from what an earlier fit left
        steps.before(one, at, found)
    one.note = None
    if one.looking:
        one.note = {}
        _batch(one.note, data)
    steps.rate.spent += sampling.clock() - started
    return one, at


def _end(one, at, estimator):
    started = sampling.clock()
    found, one.note = one.note, None
    if found is not None:
        _fitted(found, estimator)
    steps.after(one, at, found)
    steps.paced(one, started)


def _watched(original):
    def fit(estimator, *args, **kwargs):
        if _active[0]:
            return original(estimator, *args, **kwargs)
        _active[0] = True
        begun = None
        try:
            try:
                data = list(args[:2]) + [kwargs[name] for name in ("X", "y") if name in kwargs]
                begun = _begin(estimator, data, _getframe(1))
            except Exception as error:
                fault("scikit-learn", error)
            result = original(estimator, *args, **kwargs)
            try:
                if begun is not None:
                    _end(*begun, estimator)
            except Exception as error:
                fault("scikit-learn", error)
            return result
        finally:
            _active[0] = False

    return like(fit, original)


def patch(module):
    """sklearn.base, before any estimator is defined: all of them are decorated with _fit_context (1.3 and later)."""
    original = getattr(module, "_fit_context", None)
    if original is None:
        return fault("steps", "this scikit-learn cannot be watched (1.3 and later can)")

    def _fit_context(*args, **kwargs):
        decorate = original(*args, **kwargs)

        def decorator(method):
            wrapped = decorate(method)
            return _watched(wrapped) if method.__name__ in _NAMES else wrapped

        return decorator

    module._fit_context = like(_fit_context, original)
