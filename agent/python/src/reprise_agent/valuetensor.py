"""Texts for PyTorch's values: read from memory, so that no operator runs and nothing of the program's is asked."""
import struct
import sys

from . import heavy, valueclass
from .heavy import ctypes
from .interrupt import pass_on

_NUMBERS = {"float32": "<f", "float64": "<d", "int64": "<q", "int32": "<i", "bool": "<?", "uint8": "<B"}
_SAMPLES = 32
_MOST = 20000
_LIGHT = 4096  # bytes
_seen = {}  # id → Seen
_kinds = {}
_INSIDE = ("_parameters", "_buffers", "_modules", "training")


def _version(value):
    try:
        return value._version
    except RuntimeError as error:
        pass_on(error)
        return None  # an inference tensor keeps none


def _capturing(torch):
    """While a CUDA graph is recorded nothing may be read back."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def _copy(torch, value):
    """What lies on a device or with gaps: by a copy, out of reach of modes that the program has switched on."""
    from torch.utils._python_dispatch import _disable_current_modes

    if not value.is_cpu and _capturing(torch):
        return "t:?"
    with _disable_current_modes():
        whole = value.detach().contiguous().cpu().resolve_conj().resolve_neg()
        return _name(value)[1] + heavy.of_buffer(heavy.at_address(whole.data_ptr(), whole.nbytes))


def _copied(torch, walk, value):
    version = _version(value)
    if value.is_cpu or version is None:
        return _copy(torch, value)
    # A sample would cost a transfer: here the version alone tells of changes, up to the next full look.
    what = (value.data_ptr(), version, value.shape)
    return heavy.remembered(walk, value, what, None, lambda: _copy(torch, value), value.nbytes)


def _plain(torch, value):
    """Whether its memory can be read as it is."""
    return value.is_cpu and value.layout is torch.strided and value.is_contiguous() and not value.is_conj() and not value.is_neg()


def _name(value):
    kind = value.dtype
    known = _kinds.get(kind)
    if known is None:
        known = _kinds[kind] = str(kind)[6:]
    return known, "t:%s[%s]:" % (known, ",".join(map(str, value.shape)))


class Seen:
    """What a tensor was when it was looked at in full, and marks that a change of it moves."""

    __slots__ = ("address", "version", "shape", "dtype", "words", "step", "sample", "text", "left")

    def __init__(self, value, address, size, version, text):
        self.address, self.version, self.shape, self.text = address, version, value.shape, text
        self.dtype = value.dtype
        words = max(1, size // 8)
        self.step = max(1, words // _SAMPLES)
        # Code that changes `.data` leaves the version as it is: hence some of the words themselves.
        self.words = ((ctypes.c_uint64 * words) if size >= 8 else (ctypes.c_ubyte * size)).from_address(address)
        self.sample = self.words[:: self.step]
        self.left = max(16, size >> 11)


def _same(seen, value):
    return (
        value.data_ptr() == seen.address
        and value._version == seen.version
        and value.shape == seen.shape
        and value.dtype is seen.dtype
        and value.is_contiguous()  # else the words could lie beyond its memory
        and seen.words[:: seen.step] == seen.sample
    )


def _whole(walk, value, address, size):
    kind, name = _name(value)
    view = heavy.at_address(address, size)
    if kind in _NUMBERS and value.numel() == 1:
        return name + repr(struct.unpack(_NUMBERS[kind], bytes(view))[0])
    if walk is not None and walk.light and size > _LIGHT:
        return name + "~" + heavy.digest(b"".join([bytes(view[at : at + 1024]) for at in range(0, size - 1024, size // 4)]))
    return name + heavy.of_buffer(view)


def _of_memory(walk, value):
    address, version, size = value.data_ptr(), _version(value), value.nbytes
    if size == 0:
        return _name(value)[1]
    text = _whole(walk, value, address, size)
    if version is not None and not walk.light:
        before = _seen.get(id(value))
        if before is not None and not walk.fresh and text != before.text and _same(before, value):
            walk.late = True  # on any line since the last full look
        if len(_seen) > _MOST:
            _seen.clear()
        _seen[id(value)] = Seen(value, address, size, version, text)
    return text


def _text(torch, walk, value):
    try:
        seen = None if walk.fresh or walk.light else _seen.get(id(value))
        if seen is not None and seen.left > 0 and _same(seen, value):
            seen.left -= 1
            text = seen.text
        elif _plain(torch, value):
            text = _of_memory(walk, value)
        elif value.layout is not torch.strided or value.is_meta or value.is_quantized:
            return _name(value)[1] + "?"
        else:
            text = _copied(torch, walk, value)
        # Asked for on any other tensor, the gradient warns.
        gradient = value.grad if walk.gradients and value.requires_grad and value.is_leaf else None
        return text if gradient is None else text + "+" + _text(torch, walk, gradient)
    except (RuntimeError, NotImplementedError, ValueError) as error:
        pass_on(error)
        return "t:?"


def exact(value):
    """The text of a tensor that may be gone in a moment: nothing is remembered of it."""
    torch = sys.modules["torch"]
    if type(value).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return "t:?"
    with torch._C.DisableTorchFunction():
        try:
            if _plain(torch, value):
                return _whole(None, value, value.data_ptr(), value.nbytes) if value.nbytes else _name(value)[1]
            if value.layout is torch.strided and not value.is_meta and not value.is_quantized:
                return _copy(torch, value)
        except (RuntimeError, NotImplementedError, ValueError) as error:
            pass_on(error)
    return "t:?"


def tensor(walk, value, depth):
    torch = sys.modules["torch"]
    cls = type(value)
    if heavy.ctypes is None or torch._C._get_tracing_state() is not None:
        return "t:?"  # what a trace of torch.jit sees becomes part of its graph
    if cls.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return "t:?" + valueclass.name_of(cls)
    walk.tensors = True
    if cls is torch.nn.Parameter and not torch._C._len_torch_function_stack():
        return _text(torch, walk, value)
    with torch._C.DisableTorchFunction():
        return _text(torch, walk, value)


tensor.whole = True


def _parts(walk, value, depth):
    from .valuehash import closed

    members = valueclass.attributes(value) or {}
    found = []
    for kind in _INSIDE:
        inner = members.get(kind)
        if kind == "training":
            found.append("training=" + walk.text(inner, 0))
        elif inner:
            found.append(closed(kind, ",".join([valueclass.word(key) + "=" + walk.text(one, depth) for key, one in list(inner.items())])))
    if valueclass.is_own(type(value)):
        for key, one in list(members.items()):
            if key.__class__ is str and key[:1] != "_" and key != "training":
                found.append(valueclass.word(key) + "=" + walk.text(one, depth - 1))
    return found


def module(walk, value, depth):
    """Parameters, gradients, buffers, whether it trains; of the program's own modules the other attributes too."""
    from .valuehash import closed

    name = "nn:" + valueclass.name_of(type(value))
    walk.tensors = True
    return walk.inside(value, 0, lambda: closed(name, ",".join(_parts(walk, value, depth))))


module.whole = True


def optimizer(walk, value, depth):
    from .valuehash import closed

    members = valueclass.attributes(value) or {}
    before = walk.tensors

    def compute():
        groups = members.get("param_groups") or []
        walk.gradients = False  # the model shows them
        known = walk.text(groups, depth)
        walk.gradients = True
        # Momenta follow from gradients, which are hashed whole: of them some words do, at a third of the cost.
        walk.light = True
        state = walk.text(members.get("state"), depth)
        walk.light = False
        return closed("opt:" + valueclass.name_of(type(value)), known + state)

    text = walk.inside(value, 0, compute)
    walk.tensors = before  # it changes by its own methods; gradients show in the model
    return text


optimizer.whole = True


def _end(members, last):
    """The first or last parameter below a module, by its dictionary."""
    for _ in range(50):
        own = members.get("_parameters")
        for value in (reversed(own.values()) if last else own.values()) if own else ():
            if value is not None:
                return value
        inner = members.get("_modules")
        if not inner:
            return None
        members = valueclass.attributes(list(inner.values())[-1 if last else 0])
        if members is None:
            return None
    return None


def _mark(value):
    if value is None:
        return None
    gradient = value.grad if value.requires_grad and value.is_leaf else None
    seen = _seen.get(id(value))
    sample = seen.words[:: seen.step] if seen is not None and _same(seen, value) else None
    return id(value), value.data_ptr(), value._version, sample, id(gradient), None if gradient is None else gradient._version


def probe(value):
    """A quick mark of a module that a step of training moves, or None: training changes its first or its last parameter."""
    members = valueclass.attributes(value)
    if members is None or "_modules" not in members:
        return None
    with sys.modules["torch"]._C.DisableTorchFunction():
        try:
            return _mark(_end(members, False)), _mark(_end(members, True)), members.get("training")
        except RuntimeError as error:
            pass_on(error)
            return None
