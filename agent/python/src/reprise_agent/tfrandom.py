"""TensorFlow: its global seed. Keras draws its own seeds from Python's random, which is covered."""
import sys

from . import tracked
from .standin import like

_getframe = sys._getframe


def patch(module):
    original = module.random.set_seed

    def set_seed(seed):
        return tracked.own_seed("tensorflow", "tensorflow.random.set_seed", seed, _getframe(1), lambda: original(seed))

    tracked.add("tensorflow", None, original, 63)
    for holder in (module.random, getattr(getattr(module, "compat", None), "v2", None)):
        holder = getattr(holder, "random", holder)
        if getattr(holder, "set_seed", None) is original:
            holder.set_seed = like(set_seed, original)
