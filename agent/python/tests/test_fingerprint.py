"""Fingerprints: what is equal has equal ones, what differs by a bit, a place or a form has others, wherever it lies."""
import unittest

from harness import SOURCE, AgentTest, has

HEAD = """
import sys
sys.path.insert(0, %r)
import numpy as np
from reprise_agent import fingerprint as F, channels as C
rng = np.random.default_rng(1)
def of(value):
    parts = []
    F.add(parts, value)
    return F.combine([part if type(part) is int else int(part) & F.MASK for part in parts])
""" % SOURCE
SIZES = (1, 2, 3, 7, 8, 100, 2047, 2048, 32768, 32769, 98309)


class Fingerprint(AgentTest):
    def check(self, text):
        run = self.run_text(HEAD + text, root=None)
        self.assertEqual(run.out, "ok\n")

    @unittest.skipUnless(has("numpy"), "NumPy is not installed for this Python")
    def test_each_bit_and_each_place_counts(self):
        self.check(
            """
for size in %r:
    for kind in (np.float64, np.float32, np.float16, np.int8):
        x = rng.normal(size=size).astype(kind) * 8
        first = of(x)
        assert first == of(x.copy()) == of(np.ascontiguousarray(np.stack([x, x], 1))[:, 0])
        for _ in range(20):
            y = x.copy(); bits = y.view(np.uint8)
            bits[rng.integers(bits.size)] ^= 1 << rng.integers(8)
            assert of(y) != first, (size, kind)
        if size > 2:
            i, j = 0, int(rng.integers(1, size))
            y = x.copy(); y[[i, j]] = y[[j, i]]
            assert (of(y) == first) == (x[i] == x[j])
            y = x.copy(); y.view(np.uint8)[[y.itemsize - 1, 2 * y.itemsize - 1]] ^= 128
            assert of(y) != first, 'two signs changed'
            assert of(-x) != first or not x.any()
        assert of(x.reshape(1, -1)) != first and of(np.append(x, kind(0))) != first
print("ok")
"""
            % (SIZES,)
        )

    @unittest.skipUnless(has("numpy"), "NumPy is not installed for this Python")
    def test_rows_in_any_order(self):
        self.check(
            """
def batch(*arrays):
    one, found = C.Batch(), {}
    one.call(arrays); one.put(found)
    return F.combine(found["batch"]), F.combine(found["batch-set"])
for width in (1, 2, 3, 5, 64, 40000):
    x, y = rng.normal(size=(12, width)).astype(np.float32), np.arange(12)
    order = rng.permutation(12)
    a, b = batch(x, y), batch(x[order], y[order])
    assert a[0] != b[0] and a[1] == b[1]
    assert batch(x, y[order])[1] != a[1], 'rows of the two belong together'
    z = x.copy(); z[[0, 1], 0] = z[[1, 0], 0]
    if width > 1: assert batch(z, y)[1] != a[1], 'values exchanged between rows'
    z = x.copy(); z[0] = -z[0]; z[1] = -z[1]
    assert batch(z, y)[1] != a[1]
objects = np.array([["a", 1], ["b", 2], ["c", None]], dtype=object)
a, b = batch(objects), batch(objects[::-1])
assert a[0] != b[0] and a[1] == b[1] != batch(np.array([["a", 1], ["b", 2], ["d", None]], dtype=object))[1]
print("ok")
"""
        )

    @unittest.skipUnless(has("numpy"), "NumPy is not installed for this Python")
    def test_plain_values(self):
        self.check(
            """
values = [None, True, False, 0, 1, -1, 2**70, 0.0, -0.0, 1.0, float("nan"), "", "a", b"a", [], [1], (1, 2), [2, 1], {}, {"a": 1}, {"b": 1}, {"a": [1]}]
numbers = [of(value) for value in values]
assert len(set(numbers)) == len(values), numbers
assert of({"a": 1, "b": 2}) == of({"b": 2, "a": 1})
pair = np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
other = pair.copy(); other.view(np.uint8)[3] = 9
assert of(pair) == of(other), 'padding is no value'
try: of(object()); raise SystemExit("an unknown object has no fingerprint")
except F.Unreadable: pass
print("ok")
"""
        )

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_a_device_gives_the_number_that_numpy_gives(self):
        """The way that is taken on accelerators, taken on the processor."""
        self.check(
            """
import torch
from reprise_agent import tensors as T
T._AT_ONCE = 2
for size in %r:
    for kind in (torch.float64, torch.bfloat16, torch.int8):
        x = (torch.randn(size) * 8).to(kind)
        here = F._of_buffer(np, T._flat(torch, np, x))
        assert here == int(T.on_device(torch, T._device_words(torch, x))) & F.MASK, (size, kind)
        y = torch.cat([x[:1], x])[1:]
        assert of(y) == of(x)
        rows = T.rows(x.reshape(size, 1))
        saved = T.numpy
        T.numpy = lambda: None
        there = T.rows(x.reshape(size, 1)); parts = []; T.add(parts, x)
        later = T.Later({"x": parts}).resolve()["x"]
        T.numpy = saved
        assert rows[0] == there[0] and [int(v) for v in rows[1]] == [int(v) & F.MASK for v in there[1]], (size, kind)
        assert F.combine(later) == of(x)
x = torch.randn(6, 5)
assert of(x.t()) == of(x.t().contiguous()) != of(x)
assert of(x.requires_grad_()) == of(torch.nn.Parameter(x.detach().clone()))
assert of(torch.randn(4, dtype=torch.complex64).conj()) is not None
sparse = torch.eye(3).to_sparse()
assert of(sparse) == of(torch.eye(3).to_sparse()) != of((2 * torch.eye(3)).to_sparse())
for bad in (torch.empty(3, device="meta"), torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8)):
    try: of(bad); raise SystemExit("no bits to read")
    except F.Unreadable: pass
print("ok")
"""
            % (SIZES,)
        )


if __name__ == "__main__":
    unittest.main()
