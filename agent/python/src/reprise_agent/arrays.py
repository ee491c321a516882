"""Arrays, tensors, frames and nested lists as plain bytes: for reference predictions and digests of their inputs."""
import struct
import sys

from . import derive

_PLAIN = "biufcUS"  # kinds of NumPy types whose bytes say it all
_DEPTH = 32


class Array:
    """Little-endian bytes in C order."""

    def __init__(self, descr, shape, data):
        self.descr, self.shape, self.data = descr, shape, data

    def npy(self):
        head = "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (self.descr, self.shape)
        head = head.encode("latin1")
        head += b" " * (-(len(head) + 11) % 64) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + self.data


def _of_numpy(value):
    if value.dtype.kind not in _PLAIN:
        return None
    little = value.dtype.newbyteorder("<")
    return Array(little.str, tuple(value.shape), value.astype(little, copy=False).tobytes())


def _as_numpy(value):
    """The value as an array of NumPy, where NumPy is there and the value has such a form."""
    numpy = sys.modules.get("numpy")
    if numpy is None or isinstance(value, (list, tuple, dict, set, str, bytes)):
        return None
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
    elif hasattr(value, "to_numpy"):
        value = value.to_numpy()
    elif hasattr(value, "toarray"):  # sparse
        value = value.toarray()
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
        return numpy.asarray(value)
    return None


def _flat(value, out, depth=0):
    """The shape of nested lists, and arrays in them, their elements in `out`; None where they are ragged."""
    if not isinstance(value, (list, tuple)) and hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        out.append(value)
        return ()
    if depth > _DEPTH:
        return None
    shapes = {_flat(one, out, depth + 1) for one in value}
    if len(shapes) > 1 or None in shapes:
        return None
    return (len(value),) + (shapes.pop() if shapes else ())


def _of_list(value):
    found = []
    shape = _flat(value, found)
    if shape is None:
        return None
    kinds = {type(one) for one in found}
    if kinds <= {bool}:
        return Array("|b1", shape, bytes(found)) if kinds else Array("<f8", shape, b"")
    if kinds <= {bool, int} and all(-(2**63) <= one < 2**63 for one in found):
        return Array("<i8", shape, struct.pack("<%dq" % len(found), *found))
    if kinds <= {bool, int, float}:
        return Array("<f8", shape, struct.pack("<%dd" % len(found), *found))
    if kinds <= {str}:
        width = max(1, max(len(one) for one in found))
        data = b"".join(one.encode("utf-32-le", "surrogatepass").ljust(4 * width, b"\0") for one in found)
        return Array("<U%d" % width, shape, data)
    return None


def array_of(value):
    """The value as one array, or None."""
    array = _as_numpy(value)
    if array is not None:
        return _of_numpy(array) or (_of_list(array.tolist()) if array.dtype.kind == "O" else None)
    if not isinstance(value, (list, tuple, int, float, str, bool)) and hasattr(value, "tolist"):
        value = value.tolist()
    return _of_list(value)


def _feed(value, out, depth=0):
    """Pieces whose bytes tell two values apart; raises TypeError for what cannot be told apart that way."""
    if depth > _DEPTH:
        raise TypeError("too deep")
    if value is None or isinstance(value, (str, bytes, bool, int, float, complex)):
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass") if isinstance(value, str) else repr(value).encode()
        out(b"%s %d\0" % (type(value).__name__.encode(), len(data)))
        out(data)
        return
    if isinstance(value, dict):
        out(b"dict %d\0" % len(value))
        for key in sorted(value, key=repr):
            _feed(key, out, depth + 1)
            _feed(value[key], out, depth + 1)
        return
    if hasattr(value, "to_numpy") and hasattr(value, "columns"):
        out(b"frame\0")
        _feed([str(name) for name in value.columns], out, depth + 1)
        for name in value.columns:
            _feed(value[name].tolist(), out, depth + 1)
        return
    array = array_of(value)
    if array is not None:
        out(("array %s %r\0" % (array.descr, array.shape)).encode())
        out(array.data)
        return
    if not isinstance(value, (list, tuple)):
        raise TypeError(type(value).__name__)
    out(b"list %d\0" % len(value))
    for one in value:
        _feed(one, out, depth + 1)


def digest_of(value):
    """SHA-256 of what the value holds, as digests are written; None where that cannot be said."""
    total = derive.sha256(b"")
    try:
        _feed(value, total.update)
    except TypeError:
        return None
    return "sha256:" + total.hexdigest()
