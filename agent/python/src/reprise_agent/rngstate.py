"""The states of the process-wide generators, cheap enough to be asked for after every line."""
import struct
import sys

from . import heavy
from .sink import fault

ctypes = heavy.ctypes


class Watched:
    """One generator: quick() is a cheap mark that every draw changes, state() all of it as bytes."""

    def __init__(self, name, quick, state):
        self.name, self.quick, self.state = name, quick, state
        self.mark = quick()

    def text(self):
        return self.name + "=" + heavy.digest(self.state())


def _words_at(address):
    return (ctypes.c_uint32 * 625).from_address(address)


def _python():
    """Where position and words of random's own generator lie in memory; looked up once and compared with what it says."""
    instance = sys.modules["random"]._inst

    def state():
        words = instance.getstate()
        return struct.pack("<625I", *words[1]) + repr(words[2]).encode()

    if ctypes is None:
        return Watched("rng.random", state, state)
    words = _words_at(id(instance) + object.__basicsize__)
    told = instance.getstate()[1]
    if (words[0],) + tuple(words[1:625]) != (told[624],) + told[:624]:
        return Watched("rng.random", state, state)
    return Watched("rng.random", lambda: (words[0], words[1], instance.gauss_next), state)


def _legacy_numpy():
    generator = sys.modules["numpy.random"].mtrand._rand

    def state():
        name, words, position, has_gauss, cached = generator.get_state()
        return words.tobytes() + repr((name, position, has_gauss, float(cached))).encode()

    bits = generator._bit_generator
    if ctypes is None or type(bits).__name__ != "MT19937":
        return Watched("rng.numpy", state, state)
    words = _words_at(bits.ctypes.state_address)
    _, told, position, _, _ = generator.get_state()
    if words[624] != position or words[0] != told[0] or words[623] != told[623]:
        return Watched("rng.numpy", state, state)

    def quick():
        # set_state() and seed() may put another bit generator in its place.
        if generator._bit_generator is bits:
            return words[624], words[0], words[623]
        return state()

    return Watched("rng.numpy", quick, state)


def _torch():
    generator = sys.modules["torch"].default_generator

    def state():
        tensor = generator.get_state()
        if ctypes is None:
            return bytes(tensor.tolist())
        return ctypes.string_at(tensor.data_ptr(), tensor.numel())

    return Watched("rng.torch", state, state)


_MAKERS = (
    ("random", "_inst", _python),
    ("numpy.random", "mtrand", _legacy_numpy),
    ("torch", "default_generator", _torch),
)
_watched = {}


def _appear():
    """Generators of modules that were imported meanwhile; what they start with is no change."""
    for module, attribute, make in _MAKERS:
        if module not in _watched and attribute in getattr(sys.modules.get(module), "__dict__", ()):
            try:
                _watched[module] = make()
            except Exception as error:
                _watched[module] = None
                fault("generator of " + module, error)


def changes(imported):
    """`name=hash` of every generator that changed since it was asked last."""
    if imported or not _watched:
        _appear()
    found = []
    for one in _watched.values():
        if one is not None:
            now = one.quick()
            if now != one.mark:
                one.mark = now
                found.append(one.text())
    return found


def torch_state():
    """Of torch's default generator, whole."""
    if "torch" not in _watched:
        _appear()
    one = _watched.get("torch")
    return b"" if one is None else one.state()
