"""Hashes of large contents: looked at in full when something says that they changed, else by a sample."""
import sys

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

try:
    import ctypes
except ImportError:
    ctypes = None

_WHOLE = 64 * 1024 * 1024  # bytes; of a larger buffer only blocks are hashed
_BLOCK = 1 << 20
_BLOCKS = 64
_LARGE = 1 << 15  # from here on numpy is faster than blake2b
_SAMPLES = 32
_MOST = 4096
_weights = None
_known = {}  # id of the object → [what it is, sample, text, looks until the next full one]


def digest(data):
    return blake2b(data, digest_size=8).hexdigest()


def _numpy():
    """numpy when the program has it, whole."""
    numpy = sys.modules.get("numpy")
    return numpy if numpy is not None and hasattr(numpy, "frombuffer") and hasattr(numpy, "uint64") else None


def _make_weights(numpy):
    """Fixed odd numbers that look random (splitmix64), one for each 8 bytes of a block."""
    words = numpy.arange(1, _BLOCK // 8 + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return words ^ (words >> numpy.uint64(31)) | numpy.uint64(1)


def _large(numpy, view):
    """Weighted sums modulo 2^64, block by block. The shift carries the top bit, where a sign stands, into others:
    without it two flipped signs would take each other away."""
    global _weights
    if _weights is None:
        _weights = _make_weights(numpy)
    words = numpy.frombuffer(view[: len(view) // 8 * 8], dtype=numpy.uint64)
    sums = []
    shift, scratch = numpy.uint64(31), numpy.empty(len(_weights), numpy.uint64)
    for at in range(0, len(words), len(_weights)):
        block = words[at : at + len(_weights)]
        mixed = scratch[: len(block)]
        numpy.right_shift(block, shift, out=mixed)
        numpy.bitwise_xor(mixed, block, out=mixed)
        numpy.multiply(mixed, _weights[: len(block)], out=mixed)
        sums.append(int(numpy.add.reduce(mixed)))
    return digest(repr((len(view), sums)).encode() + bytes(view[len(words) * 8 :]))


def of_buffer(view):
    """Of a flat view of bytes; a leading ~ says that only blocks of it were hashed."""
    size = len(view)
    if size > _WHOLE:
        step = (size - _BLOCK) // (_BLOCKS - 1)
        return "~" + digest("".join([of_buffer(view[at * step : at * step + _BLOCK]) for at in range(_BLOCKS)]).encode())
    numpy = _numpy() if size >= _LARGE else None
    return digest(view) if numpy is None else _large(numpy, view)


def at_address(address, size):
    """A view of memory that its owner keeps alive as long as we look."""
    return memoryview((ctypes.c_ubyte * size).from_address(address)).cast("B")


def _sample(address, size):
    words = size // 8
    return (ctypes.c_uint64 * words).from_address(address)[:: max(1, words // _SAMPLES)]


def remembered(walk, value, what, sample, compute, size):
    """The text of before while nothing speaks for a change. Every now and then it is computed all the same: a change found
    only then is marked late, for it may have happened on any line since."""
    entry = _known.get(id(value))
    known = entry is not None and entry[0] == what and entry[1] == sample and not walk.fresh
    if known and entry[3] > 0:
        entry[3] -= 1
        return entry[2]
    text = compute()
    if known and entry[2] != text:
        walk.late = True
    if len(_known) >= _MOST:
        _known.clear()
    _known[id(value)] = [what, sample, text, max(16, size >> 11)]
    return text


def of_memory(walk, value, what, address, size, compute):
    """Of a contiguous buffer; `what` is its version, shape and the like."""
    return remembered(walk, value, (address, what), _sample(address, size), compute, size)
