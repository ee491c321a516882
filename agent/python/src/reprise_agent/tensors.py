"""Fingerprints of torch's tensors, where they lie. Nothing is drawn, moved or waited for on the way."""
import sys

from . import fingerprint
from .fingerprint import BLOCK, Unreadable, finish, numpy, tag
from .interrupt import pass_on

_NOT_REAL = ("FakeTensor", "FunctionalTensor", "ProxyTensor")
_labels = {}
_ctypes = []
_weights = {}  # device → weights there
_AT_ONCE = 256  # blocks: 64 MiB of words, and as much again for what is computed from them


def _plain(torch, tensor):
    """The strided tensor that has the bits, without gradient, views of the conjugate or library's wrapping."""
    kind = type(tensor)
    if kind not in fingerprint.fast:
        if kind.__name__ in _NOT_REAL:
            raise Unreadable(kind.__name__)
        local = getattr(tensor, "_local_tensor", None)  # DTensor: each process has its own shard
        if local is not None:
            return _plain(torch, local)
    if tensor.layout is not torch.strided or tensor.is_quantized:
        raise Unreadable(str(tensor.layout))
    if tensor.is_conj() or tensor.is_neg():
        tensor = tensor.detach().resolve_conj().resolve_neg()
    return tensor if tensor.is_contiguous() else tensor.detach().contiguous()


def _char():
    if not _ctypes:
        _ctypes.append((sys.modules.get("ctypes") or __import__("ctypes")).c_char)
    return _ctypes[0]


def _flat(torch, np, tensor):
    """The bytes of a contiguous tensor in the processor's memory as NumPy's: read past torch, so that no mode sees us."""
    size = tensor.numel() * tensor.element_size()
    if size == 0:
        return np.empty(0, np.uint8)
    try:
        address = tensor.data_ptr()
    except RuntimeError as error:
        pass_on(error)
        raise Unreadable(str(error)) from None
    if not address:
        raise Unreadable("no storage")
    return np.frombuffer((_char() * size).from_address(address), np.uint8)


def _device_weights(torch, device):
    found = _weights.get(device)
    if found is None:
        numbers = fingerprint._number_weights()
        signed = [number - (1 << 64) if number >> 63 else number for number in numbers]
        found = _weights[device] = torch.tensor(signed, dtype=torch.int64, device=device)
    return found


def _device_words(torch, tensor):
    size = tensor.numel() * tensor.element_size()
    flat = tensor.detach().reshape(-1).view(torch.uint8)
    if size & 7 or flat.storage_offset() & 7:
        whole = torch.zeros((size + 7) & ~7, dtype=torch.uint8, device=tensor.device)
        whole[:size].copy_(flat)
        flat = whole
    return flat.view(torch.int64)


def _fold(words):
    return words ^ ((words >> 33) & 0x7FFFFFFF)


def on_device(torch, words):
    """The same number as fingerprint.positional, as a 0-dimensional tensor: no one waits for it."""
    weights, size = _device_weights(torch, words.device), words.numel()
    if size <= BLOCK:
        return (_fold(words) * weights[:size]).sum()
    heads, whole = [], size // BLOCK
    for start in range(0, whole, _AT_ONCE):
        stop = min(whole, start + _AT_ONCE)
        heads.append((_fold(words[start * BLOCK : stop * BLOCK]).view(-1, BLOCK) * weights).sum(1))
    if size % BLOCK:
        rest = words[whole * BLOCK :]
        heads.append((_fold(rest) * weights[: rest.numel()]).sum().reshape(1))
    return on_device(torch, torch.cat(heads))


def _label(tensor):
    """(number of data type and shape, whether nothing can stand between a contiguous tensor and its bits)."""
    key = (tensor.dtype, tensor.shape)
    found = _labels.get(key)
    if found is None:
        if len(_labels) > 10000:
            _labels.clear()
        simple = not tensor.is_quantized and not tensor.is_complex()
        found = _labels[key] = (tag(str(tensor.dtype), tuple(tensor.shape)), simple)
    return found


def add(parts, tensor):
    """Appends data type and shape, and the number of the bits: an int, or a tensor where the tensor lies."""
    torch, np = sys.modules["torch"], numpy()
    if tensor.layout is torch.sparse_coo:
        parts.append(tag("sparse", tuple(tensor.shape)))
        add(parts, tensor._indices())
        return add(parts, tensor._values())
    label, simple = _label(tensor)
    if not simple or type(tensor) not in fingerprint.fast or not tensor.is_contiguous() or tensor.is_neg():
        tensor = _plain(torch, tensor)
    parts.append(label)
    if tensor.is_cpu and np is not None:
        parts.append(fingerprint._of_buffer(np, _flat(torch, np, tensor)))
    elif tensor.device.type in ("cpu", "cuda"):
        parts.append(on_device(torch, _device_words(torch, tensor)))
    else:
        raise Unreadable(tensor.device.type)


def rows(tensor):
    """(tag, a number per row) of a batch: a NumPy vector, or a tensor on its device."""
    torch, np = sys.modules["torch"], numpy()
    plain = _plain(torch, tensor)
    count = plain.shape[0] if plain.dim() else 1
    label = _label(plain)[0]
    if plain.numel() == 0:
        raise Unreadable("no rows")
    if plain.device.type == "cpu" and np is not None:
        return label, fingerprint.rows(np, _flat(torch, np, plain), count)
    if plain.device.type not in ("cpu", "cuda"):
        raise Unreadable(plain.device.type)
    flat = plain.detach().reshape(count, -1).view(torch.uint8)
    width = flat.shape[1]
    if flat.storage_offset() & 7:
        flat = flat.clone()
    if width % 8 == 0:
        table = flat.view(torch.int64)
    elif width % 4 == 0:
        table = flat.view(torch.int32).to(torch.int64) & 0xFFFFFFFF
    else:
        table = flat.to(torch.int64)
    if table.shape[1] > BLOCK:
        return label, finish(torch.stack([on_device(torch, row) for row in table]))
    return label, finish((_fold(table) * _device_weights(torch, plain.device)[: table.shape[1]]).sum(1))


def use(torch):
    """The types of tensors that have nothing special about them."""
    fingerprint.fast[torch.Tensor] = fingerprint.fast[torch.nn.Parameter] = add


class Later:
    """Parts that lie on a device, on their way to the processor's memory without anybody waiting."""

    def __init__(self, channels):
        torch = sys.modules["torch"]
        self.channels, self.copies, self.events = channels, [], []
        by_device = {}
        for parts in channels.values():
            for index, part in enumerate(parts):
                if type(part) is not int:
                    by_device.setdefault(part.device, []).append((parts, index, part))
        for device, found in by_device.items():
            stacked = torch.stack([part for _, _, part in found])
            if device.type == "cuda":
                target = torch.empty(stacked.shape, dtype=torch.int64, pin_memory=True)
                target.copy_(stacked, non_blocking=True)
                event = torch.cuda.Event()
                event.record(torch.cuda.current_stream(device))
                self.events.append(event)
                stacked = target
            self.copies.append((stacked, found))

    def resolve(self):
        """The channels with plain numbers in them."""
        for event in self.events:
            event.synchronize()
        for stacked, found in self.copies:
            for number, (parts, index, _) in zip(stacked.tolist(), found):
                parts[index] = number & fingerprint.MASK
        return self.channels
