"""A program under the line trace is the same program: what it prints and draws does not change."""
import unittest

from harness import has
from test_unchanged import PLAIN, SKLEARN, TORCH
from traces import TraceTest

SIDE_EFFECTS = """
import random
random.seed(1)
calls = []
class Odd:
    def __init__(self):
        self.hidden = 1
        self.odd = self
    @property
    def shown(self):
        calls.append("property")
        return random.random()
    def __getattr__(self, name):
        calls.append("getattr " + name)
        raise AttributeError(name)
    def __repr__(self):
        calls.append("repr")
        return "Odd"
    def __eq__(self, other):
        calls.append("eq")
        return True
    def __hash__(self):
        calls.append("hash")
        return 1
    def __len__(self):
        calls.append("len")
        return 5
    def __iter__(self):
        calls.append("iter")
        return iter((random.random(), 2))
    def __bool__(self):
        calls.append("bool")
        return True
class Meta(type):
    def __getattribute__(cls, name):
        calls.append("meta " + name)
        return type.__getattribute__(cls, name)
class Made(metaclass=Meta):
    __slots__ = ("x",)
class Table(dict):
    def __getitem__(self, key):
        calls.append("getitem")
        return 3
    def items(self):
        calls.append("items")
        return []
    def __iter__(self):
        calls.append("iter")
        return iter(())
def work(odd, table, numbers):
    made = Made()
    made.x = odd
    both = [odd, table, made]
    return both
odd = Odd()
table = Table(a=1, b=odd)
def loader(rows):
    for row in rows:
        yield [row, random.random()]
before = list(calls)
batches = loader(range(3))
result = work(odd, table, (n for n in range(3)))
seen = [batch for batch in batches]
print(before, calls, seen, random.getstate()[1][:3])
"""
GENERATOR_LOADER = """
import hashlib
import numpy as np, torch
torch.manual_seed(0); rng = np.random.default_rng(3)
def rows(n):
    for i in range(n):
        yield torch.from_numpy(rng.random((8, 4), dtype=np.float32))
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(4, 4); self.drop = torch.nn.Dropout(0.5); self.calls = 0
    @property
    def noise(self):
        self.calls += 1
        return torch.rand(())
    def forward(self, x):
        return self.drop(self.a(x)) * self.noise
net = Net(); opt = torch.optim.Adam(net.parameters())
for batch in rows(20):
    loss = net(batch).pow(2).sum()
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for p in net.parameters():
            p.data.mul_(0.999)
digest = hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in net.parameters()))
print(digest.hexdigest(), net.calls, hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest(), rng.bit_generator.state)
"""


class Unchanged(TraceTest):
    def same(self, text, **options):
        bare = self.run_text(text, root=None)
        self.traced(text, **options)
        self.assertEqual(bare.out, self.out)

    def test_plain_python(self):
        self.same(PLAIN)

    def test_nothing_of_the_program_is_called(self):
        self.same(SIDE_EFFECTS)

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_torch(self):
        self.same(TORCH.replace("WORKERS", "0"))
        self.same(TORCH.replace("WORKERS", "2"))

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_a_loader_made_of_a_generator(self):
        self.same(GENERATOR_LOADER)
        self.same(GENERATOR_LOADER, REPRISE_OPERATORS="0")

    @unittest.skipUnless(has("sklearn"), "scikit-learn is not installed for this Python")
    def test_scikit_learn(self):
        self.same(SKLEARN)


if __name__ == "__main__":
    unittest.main()
