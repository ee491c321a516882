"""State as plain data, which can be read without running anything: numbers, text, lists, dictionaries, arrays.

Where torch is loaded the file is its own (`torch.load(path, weights_only=True)` reads it); else a zip of JSON and raw arrays.
"""
import json
import os
import sys
import zipfile


def _module(name):
    return sys.modules.get(name)


def _is_array(value):
    numpy = _module("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def _is_tensor(value):
    torch = _module("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def encode(value, name):
    """`name` is how an error calls it."""
    if value is None or type(value) in (bool, float, str) or _is_tensor(value):
        return value
    if type(value) is int:
        return value if -(1 << 62) < value < 1 << 62 else {"~": "int", "is": str(value)}
    if isinstance(value, bytes):
        return {"~": "bytes", "is": value.hex()}
    if _is_array(value):
        if value.dtype.hasobject:
            raise TypeError("%s is an array of Python objects: it cannot be saved as plain data" % name)
        if value.dtype.names is not None or hasattr(value, "mask"):
            raise TypeError("%s is an array with fields or a mask: it cannot be saved as plain data" % name)
        return {"~": "array", "dtype": value.dtype.str, "shape": list(value.shape), "is": value.tobytes().hex() if value.size < 64 else _raw(value)}
    if isinstance(value, dict):
        pairs = [[encode(key, name), encode(one, "%s[%r]" % (name, key))] for key, one in value.items()]
        plain = type(value).__name__ == "dict" and all([isinstance(key, str) for key in value]) and "~" not in value
        return dict(pairs) if plain else {"~": "dict", "of": type(value).__name__, "is": pairs}
    if isinstance(value, (list, tuple)):
        items = [encode(one, "%s[%d]" % (name, i)) for i, one in enumerate(value)]
        return items if isinstance(value, list) else {"~": "tuple", "is": items}
    # Kinds of plain values (an enumeration of texts) are none to torch, which would not read them again.
    if isinstance(value, int):
        return encode(int(value), name)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError("%s is a %s: it cannot be saved as plain data" % (name, type(value).__name__))


class _Raw:
    """The bytes of an array, until it is known how the file keeps them."""

    def __init__(self, array):
        self.array = array


def _raw(array):
    torch = _module("torch")
    if torch is None:
        return _Raw(array)
    numpy = _module("numpy")
    return torch.from_numpy(numpy.frombuffer(array.tobytes(), numpy.uint8).copy())


def _mapping(kind, pairs):
    if kind in ("OrderedDict", "defaultdict"):
        from collections import OrderedDict

        return OrderedDict(pairs)
    if kind == "Counter":
        from collections import Counter

        return Counter(dict(pairs))
    return dict(pairs)


def _array(value):
    import numpy

    data = value["is"]
    if isinstance(data, str):
        data = bytes.fromhex(data)
    elif _is_tensor(data):
        data = data.numpy().tobytes()
    return numpy.frombuffer(data, numpy.dtype(value["dtype"])).reshape(value["shape"]).copy()


def decode(value):
    if isinstance(value, list):
        return [decode(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("~")
    if kind is None:
        return {key: decode(one) for key, one in value.items()}
    if kind == "int":
        return int(value["is"])
    if kind == "bytes":
        return bytes.fromhex(value["is"])
    if kind == "array":
        array = _array(value)
        return array if array.shape else array[()]
    if kind == "tuple":
        return tuple([decode(one) for one in value["is"]])
    return _mapping(value["of"], [(decode(key), decode(one)) for key, one in value["is"]])


def _write_zip(file, value):
    arrays = []

    def default(one):
        if not isinstance(one, _Raw):
            raise TypeError("%s cannot be saved as plain data" % type(one).__name__)
        arrays.append(one.array.tobytes())
        return {"~raw": len(arrays) - 1}

    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("state.json", json.dumps(value, default=default))
        for number, data in enumerate(arrays):
            archive.writestr("arrays/%d" % number, data)


def _read_zip(path):
    with zipfile.ZipFile(path) as archive:

        def hook(one):
            return archive.read("arrays/%d" % one["~raw"]) if set(one) == {"~raw"} else one

        return json.loads(archive.read("state.json").decode(), object_hook=hook)


def write(path, value):
    """Whole or not at all: into a file beside it, to the disk, then under its name."""
    import tempfile

    folder = os.path.dirname(os.path.abspath(path))
    handle, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            if _module("torch") is not None:
                _module("torch").save(value, file)
            else:
                _write_zip(file, value)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        try:
            os.unlink(beside)
        except OSError:
            pass
        raise
    _sync_folder(folder)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder):
    """The new name, too, has to be on the disk."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def read(path):
    with zipfile.ZipFile(path) as archive:
        own = "state.json" in archive.namelist()
    if own:
        return _read_zip(path)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)
