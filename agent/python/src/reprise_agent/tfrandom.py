"""TensorFlow: its global seed, and generators made without one. Keras draws its own seeds from Python's random."""
import sys

from . import place, tracked
from .sink import fault
from .standin import like

_getframe = sys._getframe


def _tell_draws():
    """Every operation that draws without a seed of its own asks get_seed(None) first, also while a graph is traced."""
    module = sys.modules.get("tensorflow.python.framework.random_seed")
    original = getattr(module, "get_seed", None)
    if original is None:
        return

    def get_seed(op_seed):
        if op_seed is None:
            try:
                generator = tracked.known["tensorflow"]
                if not (generator.own or generator.told):
                    file, line = place.where(1)
                    generator.tell_drawn(file, line, "seen")
            except Exception as error:
                fault("tensorflow get_seed", error)
        return original(op_seed)

    module.get_seed = like(get_seed, original)


def _seed_generators(tensorflow):
    """tf.random.Generator.from_non_deterministic_state(), and the global generator that begins so."""
    module = sys.modules.get("tensorflow.python.ops.stateful_random_ops")
    original = getattr(module, "non_deterministic_ints", None)
    if original is None:
        return

    def non_deterministic_ints(shape, dtype=tensorflow.int64):
        real = original(shape=shape, dtype=dtype)
        try:
            # In a graph each call would draw again, and a constant would not.
            if tensorflow.executing_eagerly() and dtype == tensorflow.int64:
                count = int(tensorflow.size(real))
                number = tracked.note_creation("tensorflow.random.Generator", _getframe(1), 64 * count)
                if number is not None:
                    words = [(number >> (64 * i)) & 0xFFFFFFFFFFFFFFFF for i in range(count)]
                    signed = [word - (word >> 63 << 64) for word in words]
                    return tensorflow.reshape(tensorflow.constant(signed, dtype), real.shape)
        except Exception as error:
            fault("tensorflow generator", error)
        return real

    module.non_deterministic_ints = like(non_deterministic_ints, original)


def patch(module):
    original = module.random.set_seed

    def set_seed(seed):
        return tracked.own_seed("tensorflow", "tensorflow.random.set_seed", seed, _getframe(1), lambda: original(seed))

    tracked.add("tensorflow", None, original, 63)
    for holder in (module.random, getattr(getattr(module, "compat", None), "v2", None)):
        holder = getattr(holder, "random", holder)
        if getattr(holder, "set_seed", None) is original:
            holder.set_seed = like(set_seed, original)
    _tell_draws()
    _seed_generators(module)
