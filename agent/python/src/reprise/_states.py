"""What can be asked for its state and given it back: models and the like, generators, estimators."""
import sys


def _module(name):
    return sys.modules.get(name)


def _kind(name, attribute):
    return getattr(_module(name), attribute, ())


def generators():
    """The states of the process-wide generators that are loaded."""
    found = {}
    if _module("random") is not None:
        found["random"] = _module("random").getstate()
    if _module("numpy.random") is not None:
        found["numpy"] = _module("numpy.random").get_state()
    torch = _module("torch")
    if torch is not None:
        found["torch"] = torch.get_rng_state()
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            found["cuda"] = torch.cuda.get_rng_state_all()
    return found


def set_generators(states):
    """Those that were saved; a library that is not loaded yet is loaded, for it would begin elsewhere."""
    if "random" in states:
        import random

        random.setstate(states["random"])
    if "numpy" in states:
        import numpy

        numpy.random.set_state(states["numpy"])
    if "torch" in states:
        import torch

        torch.set_rng_state(states["torch"])
        if "cuda" in states:
            torch.cuda.set_rng_state_all(states["cuda"])


def _is_random(value):
    return isinstance(value, _kind("random", "Random"))


def _is_estimator(value):
    return hasattr(value, "get_params") and hasattr(value, "fit") and hasattr(value, "__dict__")


def is_stateful(value):
    return hasattr(value, "state_dict") and hasattr(value, "load_state_dict") and not isinstance(value, type)


def _is_plain(value, encode):
    try:
        encode(value, "")
    except TypeError:
        return False
    return True


def _fitted(name, estimator, encode):
    """What fitting left in a scikit-learn estimator; its parameters are those that it is made with.

    Of what is no plain data only private objects without attributes, loss functions, are made anew by the next fit.
    """
    params = estimator.get_params(deep=False)
    found = {}
    for key, value in vars(estimator).items():
        if key in params:
            continue
        if isinstance(value, _kind("numpy.random", "RandomState")) or _is_plain(value, encode):
            found[key] = take("%s.%s" % (name, key), value, encode)
        elif not key.startswith("_") or hasattr(value, "__dict__") or isinstance(value, (list, tuple, dict)):
            raise TypeError("%s.%s is a %s: it cannot be saved as plain data" % (name, key, type(value).__name__))
    return found


def take(name, value, encode):
    """(kind, state) of one thing, as plain data."""
    if is_stateful(value):
        return ["state_dict", encode(value.state_dict(), name)]
    if isinstance(value, _kind("torch", "Generator")):
        return ["torch", value.get_state()]
    if isinstance(value, _kind("numpy.random", "Generator")):
        return ["bits", encode(value.bit_generator.state, name)]
    if isinstance(value, _kind("numpy.random", "RandomState")):
        return ["legacy", encode(value.get_state(legacy=False), name)]
    if _is_random(value):
        return ["random", encode(value.getstate(), name)]
    if isinstance(value, _kind("torch.utils.data", "DataLoader")):
        raise TypeError("%s: a DataLoader does not know how far it is; make it reprise.checkpoint.resumable(loader)" % name)
    if _is_estimator(value):
        return ["fitted", _fitted(name, value, encode)]
    return ["value", encode(value, name)]


def give(name, value, saved, decode):
    """Gives a thing its state back; returns what it was where it is a plain value."""
    kind, state = saved
    if kind == "value":
        return decode(state)
    if value is None:
        raise ValueError("%s was saved with its state: pass the object that is to have it back" % name)
    if kind == "state_dict":
        value.load_state_dict(decode(state))
    elif kind == "torch":
        value.set_state(state)
    elif kind == "bits":
        value.bit_generator.state = decode(state)
    elif kind == "legacy":
        value.set_state(decode(state))
    elif kind == "random":
        value.setstate(decode(state))
    elif kind == "fitted":
        for key, one in state.items():
            setattr(value, key, _attribute(one, decode))
    return value


def _attribute(saved, decode):
    if saved[0] != "legacy":
        return decode(saved[1])
    import numpy

    made = numpy.random.RandomState()
    made.set_state(decode(saved[1]))
    return made
