"""What a step is told apart by besides the model itself: the batch, the generators, the loss, the control flow."""
import sys

from . import fingerprint, place
from .fingerprint import MASK, Unreadable, combine, numpy, tag

_files = {}
_flow = [0]


def put(channels, name, *values):
    """Adds a channel, unless some of it cannot be read."""
    try:
        parts = []
        for value in values:
            fingerprint.add(parts, value)
        channels[name] = parts
    except Unreadable:
        pass


def passed(frame):
    """The control flow came by here, at a step or on the way back from a loss. Gives (file, line) of the user's frame."""
    user, file = place.nearest(frame)
    line = 0 if user is None else user.f_lineno
    if file not in _files:
        _files[file] = fingerprint.text(file or "")
    _flow[0] = combine([_flow[0], _files[file], line])
    return (None, None) if user is None else (file, line)


def flow():
    return [_flow[0]]


def generators(channels):
    """States of the global generators, looked at and left where they are."""
    module = sys.modules.get("random")
    if hasattr(module, "_inst"):
        version, state, gauss = module._inst.getstate()
        # Hashes of numbers, and of tuples of them, are the same in every process; that of None is not.
        put(channels, "rng.random", version, hash(state) & MASK, gauss)
    module = sys.modules.get("numpy.random.mtrand")
    if hasattr(module, "_rand"):
        put(channels, "rng.numpy", module._rand.get_state())
    torch = sys.modules.get("torch")
    if hasattr(torch, "default_generator"):
        put(channels, "rng.torch", torch.default_generator.get_state())
        cuda = getattr(torch, "cuda", None)
        if cuda is not None and cuda.is_initialized():
            put(channels, "rng.cuda", [one.get_state() for one in cuda.default_generators])


def _table_rows(np, frame):
    """Rows of a pandas table, column by column: types differ, rows stay whole."""
    parts, total = [], None
    for name in frame.columns:
        label, found = rows_of(np, frame[name])
        fingerprint.add(parts, str(name))
        parts.append(label)
        total = found if total is None else fingerprint.finish(total * 3 + found)
    if total is None:
        raise Unreadable("no columns")
    return combine(parts), total


def _object_rows(np, array):
    found = []
    for one in array.reshape(array.shape[0], -1).tolist():
        parts = []
        fingerprint.add(parts, one)
        found.append(combine(parts))
    return np.array(found, np.uint64)


def rows_of(np, data):
    """(tag of type and shape, a number per row); raises for what has no rows or none that can be read."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(data, getattr(torch, "Tensor", ())):
        from . import tensors

        return tensors.rows(data)
    if np is None:
        raise Unreadable("no NumPy")
    if hasattr(data, "columns") and hasattr(data, "dtypes"):
        return _table_rows(np, data)
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    if isinstance(data, (list, tuple)):
        data = np.array(data) if len(data) and isinstance(data[0], (int, float)) else np.array(data, dtype=object)
    if not isinstance(data, np.ndarray) or data.ndim == 0 or data.shape[0] == 0 or data.size == 0:
        raise Unreadable(type(data).__name__)
    label = tag(data.dtype.str, data.shape)
    if data.dtype.hasobject:
        return label, _object_rows(np, data)
    return label, fingerprint.rows(np, fingerprint.flat_bytes(np, data), data.shape[0])


class Batch:
    """The inputs of the calls since the last step. Arrays of one call with as many rows as its first belong together row by row."""

    def __init__(self):
        self.ordered, self.free, self.whole = [], [], True

    def call(self, arrays):
        np, total = numpy(), None
        try:
            for data in arrays:
                label, found = rows_of(np, data)
                self.ordered.append(label)
                self.free.append(label)
                if total is not None and type(found) is type(total) and found.shape == total.shape and _together(found, total):
                    total = fingerprint.finish(total * 3 + found)
                    continue
                self._close(np, total)
                total = found
            self._close(np, total)
        except Unreadable:
            self.whole = False

    def _close(self, np, total):
        if total is None:
            return
        if np is not None and isinstance(total, np.ndarray):
            self.ordered.append(fingerprint.positional(np, total))
            self.free.append(int(fingerprint.finish(total).sum(dtype=np.uint64)))
        else:
            from . import tensors

            self.ordered.append(tensors.on_device(sys.modules["torch"], total))
            self.free.append(fingerprint.finish(total).sum())

    def put(self, channels):
        if self.ordered and self.whole:
            channels["batch"], channels["batch-set"] = self.ordered, self.free


def _together(one, other):
    return getattr(one, "device", None) == getattr(other, "device", None)


def sparse_or_table(data):
    """A sparse matrix by its three arrays; anything else as it is."""
    if hasattr(data, "indptr") and hasattr(data, "indices") and hasattr(data, "data"):
        return [data.data, data.indices, data.indptr]
    return data
