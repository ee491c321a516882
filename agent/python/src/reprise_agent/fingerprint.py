"""64-bit fingerprints of arrays, tensors and plain values: equal bits, equal number.

Positional: the 64-bit words, each folded on itself, times odd weights, summed mod 2^64. Integer sums do not depend on their
order, so threads and devices agree; norms and XOR would not see that rows were exchanged. The fold carries the sign bit down:
without it two changed signs would cancel, as 2^63 times any odd weight is the same number. By 33, not 32: else the signs of
two floats in one word would cancel each other.
"""
import sys
from struct import pack

from . import derive

MASK = (1 << 64) - 1
BLOCK = 1 << 15  # words that are hashed at once: they and their weights fit the second cache
_ODD = 0x1E3779B97F4A7C15
_FOLD = 0xFFFFFFFF
_MIX = (0x3F58476D1CE4E5B9, 0x14D049BB133111EB)  # odd and below 2^63, so that torch takes them too
_table = []  # weights and the fold's shift, as NumPy has them, once there is NumPy
fast = {}  # type → what appends its numbers (tensors)
_scratch = []
_tags = {}


class Unreadable(Exception):
    """A value whose bits cannot be had: its channel is left out, for half a fingerprint would look like agreement."""


def _number_weights():
    found, state = [], 0
    for _ in range(BLOCK):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        found.append((word ^ (word >> 31)) | 1)
    return found


def _weights(np):
    if not _table:
        word = np.arange(1, BLOCK + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        _table[:] = ((word ^ (word >> np.uint64(31))) | np.uint64(1), np.uint64(33))
    return _table


def combine(parts):
    """One number for a list of numbers, in their order."""
    total = len(parts)
    for part in parts:
        total = ((total ^ part) * _ODD) & MASK
        total ^= total >> 29
    return total


def text(value):
    return int.from_bytes(derive.sha256(value.encode("utf-8", "surrogatepass")).digest()[:8], "little")


def tag(*facts):
    """A number for a data type and a shape: the same bytes in another form are another value."""
    found = _tags.get(facts)
    if found is None:
        if len(_tags) > 10000:
            _tags.clear()
        found = _tags[facts] = text(repr(facts))
    return found


def numpy():
    """NumPy if the process has it, whole."""
    module = sys.modules.get("numpy")
    return module if module is not None and hasattr(module, "einsum") else None


def _words(np, flat):
    """Bytes as 64-bit words; the last one filled up with zeros."""
    if flat.size & 7 == 0:
        return flat.view(np.uint64)
    words = np.zeros((flat.size + 7) >> 3, np.uint64)
    words.view(np.uint8)[: flat.size] = flat
    return words


def positional(np, words):
    """Of a NumPy vector of words, as a Python int."""
    weights, shift = _table or _weights(np)
    size = words.size
    try:
        fold = _scratch.pop()
    except IndexError:
        fold = np.empty(BLOCK, np.uint64)
    heads = []
    for start in range(0, max(size, 1), BLOCK):
        block = words[start : start + BLOCK] if size > BLOCK else words
        count = block.size
        part = np.right_shift(block, shift, fold[:count])
        np.bitwise_xor(block, part, part)
        if count < 2048:
            heads.append(int(part.dot(weights[:count])))
        else:
            heads.append(int(np.einsum("i,i->", part, weights[:count])))
    _scratch.append(fold)
    return heads[0] if len(heads) == 1 else positional(np, np.array(heads, np.uint64))


def finish(rows):
    """Spreads each row's number, so that a sum over rows tells rows apart; NumPy's and torch's words alike."""
    for factor in _MIX:
        rows = (rows ^ ((rows >> 32) & _FOLD)) * factor
    return rows ^ ((rows >> 32) & _FOLD)


def rows(np, flat, count):
    """A number for each of `count` rows that lie one after the other in these bytes."""
    width = flat.size // count
    kind = np.uint64 if width % 8 == 0 else np.uint32 if width % 4 == 0 else np.uint8
    table = flat.view(kind).reshape(count, -1)
    found = np.empty(count, np.uint64)
    if table.shape[1] > BLOCK:
        for index in range(count):
            found[index] = positional(np, table[index].astype(np.uint64, copy=False))
        return finish(found)
    weights, shift = _weights(np)
    weights, at_once = weights[: table.shape[1]], max(1, 4 * BLOCK // max(1, table.shape[1]))
    for start in range(0, count, at_once):
        part = table[start : start + at_once].astype(np.uint64, copy=False)
        found[start : start + at_once] = np.einsum("ij,j->i", part ^ (part >> shift), weights)
    return finish(found)


def flat_bytes(np, array):
    """The bytes of a NumPy array in row order; raises for what has no bytes of its own."""
    if array.dtype.hasobject:
        raise Unreadable("objects")
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def of_array(np, array):
    if array.dtype.names:  # padding between fields is not part of the value
        return combine([of_array(np, array[name]) for name in array.dtype.names])
    if array.dtype.hasobject:
        parts = []
        add(parts, array.tolist())
        return combine(parts)
    return combine([tag(array.dtype.str, array.shape), positional(np, _words(np, flat_bytes(np, array)))])


def _of_buffer(np, flat):
    return positional(np, _words(np, flat))


def add(parts, value, depth=0):
    """Appends the numbers of a plain value, an array or a tensor. Numbers of a device stay there: 0-dimensional tensors."""
    if depth > 8:
        raise Unreadable("too deep")
    kind = type(value)
    if kind in fast:
        fast[kind](parts, value)
    elif value is None or kind is bool:
        parts.append(tag(repr(value)))
    elif kind is int:
        parts.append(tag("int"))
        parts.append(value if 0 <= value <= MASK else text(repr(value)))
    elif kind is float:
        parts.append(tag("float"))
        parts.append(int.from_bytes(pack("<d", value), "little"))
    elif kind is str:
        parts.append(tag(value) if len(value) < 100 else text(value))
    elif kind is bytes or kind is bytearray:
        parts.append(tag("bytes"))
        parts.append(text(bytes(value).decode("latin-1")))
    elif isinstance(value, (list, tuple)):
        parts.append(tag("list", len(value)))
        for one in value:
            add(parts, one, depth + 1)
    elif isinstance(value, dict):
        keys = list(value)
        if all(type(key) is str for key in keys):
            keys.sort()
        parts.append(tag("dict", len(keys)))
        for key in keys:
            add(parts, key, depth + 1)
            add(parts, value[key], depth + 1)
    else:
        _add_array(parts, value)


def _add_array(parts, value):
    torch, np = sys.modules.get("torch"), numpy()
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        from . import tensors

        tensors.add(parts, value)
    elif np is not None and isinstance(value, (np.ndarray, np.generic)):
        parts.append(of_array(np, np.asarray(value)))
    else:
        raise Unreadable(type(value).__name__)
