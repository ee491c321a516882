"""TensorFlow: its global seed. Keras draws its own seeds from Python's random, which is covered."""
import sys

from . import place, tracked
from .standin import like

_getframe = sys._getframe


def patch(module):
    original = module.random.set_seed

    def set_seed(seed):
        user, file = place.nearest(_getframe(1))
        line = user.f_lineno if user is not None else None
        return tracked.own_seed("tensorflow", "tensorflow.random.set_seed", seed, file, line, lambda: original(seed))

    tracked.add("tensorflow", None, original, 63)
    for holder in (module.random, getattr(getattr(module, "compat", None), "v2", None)):
        holder = getattr(holder, "random", holder)
        if getattr(holder, "set_seed", None) is original:
            holder.set_seed = like(set_seed, original)
