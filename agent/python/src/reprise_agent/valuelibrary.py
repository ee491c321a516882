"""Texts for values of numpy, torch, pandas and of the standard library that are no plain objects."""
import _random
import struct
import sys

from . import heavy, valueclass, valuetensor

_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond", "days", "seconds", "microseconds")


def _closed(kind, body):
    from .valuehash import closed

    return closed(kind, body)


def _array(walk, value, depth):
    numpy, original = sys.modules["numpy"], value
    if type(value) is not numpy.ndarray:
        value = numpy.ndarray.view(value, numpy.ndarray)
    name = "a:%s[%s]" % (valueclass.word(str(value.dtype)), ",".join(map(str, value.shape)))
    if value.dtype.hasobject:
        return walk.inside(value, depth, lambda: name + ":" + walk.text(value.ravel().tolist(), depth))
    if value.size == 1 and value.dtype.kind in "fiub":
        return name + ":" + repr(value.item())
    if value.size == 0:
        return name
    if not value.flags.c_contiguous:
        value = value.T if value.flags.f_contiguous else numpy.ascontiguousarray(value)
    size, whole = value.nbytes, value

    def compute():
        return name + ":" + heavy.of_buffer(memoryview(whole.reshape(-1).view(numpy.uint8)))

    if heavy.ctypes is None or size < 4096:
        return compute()
    return heavy.of_memory(walk, original, name, value.__array_interface__["data"][0], size, compute)


def _numpy_scalar(walk, value, depth):
    item = value.item()
    return "%s:%s" % (type(value).__name__, repr(item) if type(item) in (int, float, bool, complex) else walk.text(item, depth))


def _bit_generator(walk, value, depth):
    state = getattr(value, "_bit_generator", value).state
    return _closed("rng:" + valueclass.name_of(type(value)), walk.text(state, depth))


def _python_random(walk, value, depth):
    name = "rng:" + valueclass.name_of(type(value))
    if type(value).__name__ == "SystemRandom":
        return name
    state = _random.Random.getstate(value)
    return name + ":" + heavy.digest(struct.pack("<%dI" % len(state), *state))


def _torch_generator(walk, value, depth):
    return "rng:" + walk.text(value.get_state(), depth)


def _fields(kind, *names):
    """A library's object by some of its attributes."""

    def write(walk, value, depth):
        def compute():
            parts = []
            for name in names:
                try:
                    parts.append(walk.text(object.__getattribute__(value, name), depth))
                except AttributeError:
                    pass
            return _closed(kind, ",".join(parts))

        return walk.inside(value, depth, compute)

    return write


def _frame(walk, value, depth):
    """pandas: its columns as they are kept, and its axes."""
    manager = object.__getattribute__(value, "_mgr")
    return walk.inside(
        value, depth, lambda: _closed("pd", walk.text(list(manager.arrays), depth) + walk.text(list(manager.axes), depth))
    )


def _moment(walk, value, depth):
    """The fields of the standard class: an isoformat() may ask a time zone that the program made."""
    known = [base for base in valueclass.lineage(type(value)) if valueclass.module_of(base) == "datetime"][0]
    fields = [getattr(known, name, None) for name in _FIELDS]
    return "dt:" + "-".join([str(one.__get__(value)) for one in fields if one is not None])


def _arrow(walk, value, depth):
    return walk.text(value.to_pylist(), depth)


def _named(walk, value, depth):
    return "%s:%s" % (type(value).__name__, valueclass.word(str(value)))


def _path(walk, value, depth):
    return "p:" + walk.text(str(value), depth)


# Their modules have moved between versions.
_PANDAS = {
    "NDFrame": _frame,
    "RangeIndex": _fields("pi", "_range", "_name"),
    "MultiIndex": _fields("pi", "_levels", "_codes"),
    "Index": _fields("pi", "_data", "_name"),
    "ExtensionArray": _fields("pa", "_ndarray", "_data", "_mask", "_codes", "_pa_array", "_dtype"),
    "CategoricalDtype": _fields("pc", "_categories", "_ordered"),
}
_WRITERS = {
    ("numpy", "ndarray"): _array,
    ("numpy", "generic"): _numpy_scalar,
    ("numpy.random._generator", "Generator"): _bit_generator,
    ("numpy.random.mtrand", "RandomState"): _bit_generator,
    ("numpy.random.bit_generator", "BitGenerator"): _bit_generator,
    ("random", "Random"): _python_random,
    ("torch._C", "Generator"): _torch_generator,
    ("torch", "Tensor"): valuetensor.tensor,
    ("torch._tensor", "Tensor"): valuetensor.tensor,
    ("torch.nn.modules.module", "Module"): valuetensor.module,
    ("torch.optim.optimizer", "Optimizer"): valuetensor.optimizer,
    ("torch.utils.data.dataloader", "DataLoader"): _fields("loader", "dataset", "batch_size", "num_workers", "generator"),
    ("torch", "dtype"): _named,
    ("torch", "device"): _named,
    ("numpy", "dtype"): _named,
    ("datetime", "date"): _moment,
    ("datetime", "timedelta"): _moment,
    ("pyarrow.lib", "ChunkedArray"): _arrow,
    ("functools", "partial"): _fields("partial", "func", "args", "keywords"),
}


def writer(module, name):
    if module.startswith("pathlib") and name == "PurePath":
        return _path
    if module == "numpy.random" and name in ("Generator", "RandomState", "BitGenerator"):
        return _bit_generator
    if module.startswith("pandas"):
        return _PANDAS.get(name)
    return _WRITERS.get((module, name))
