"""The operator trace: every operator of one step, backward pass included, and the same results as without."""
import unittest

from harness import has
from test_unchanged import TORCH
from traces import TraceTest

LOOP = """
import torch
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    x = torch.rand(3, 4)
    opt.zero_grad()
    net(x).sum().backward()
    opt.step()
"""


@unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
class Operators(TraceTest):
    def operators(self, text, **options):
        return [row for row in self.traced(text, REPRISE_STEPS="all", **options).rows if row[0] == "O"]

    def test_one_step_with_lines_inputs_and_outputs(self):
        rows = self.operators(LOOP, REPRISE_OPERATORS=2)
        names = [row[1] for row in rows]
        self.assertEqual(names.count("aten.addmm.default"), 2)
        self.assertGreaterEqual(names.count("aten.mm.default"), 3)  # backward
        self.assertEqual({row[3] for row in rows if row[1] == "aten.rand.default"}, {"7"})
        self.assertEqual({row[3] for row in rows if row[1] == "aten.mm.default"}, {"9"})
        self.assertTrue(all(row[5] for row in rows if row[1].startswith("aten.add")))
        again = self.operators(LOOP, REPRISE_OPERATORS=2)
        stable = [row for row in rows if "empty" not in row[1] and "bernoulli" not in row[1]]
        self.assertEqual(stable, [row for row in again if "empty" not in row[1] and "bernoulli" not in row[1]])
        self.assertEqual({row[6] for row in rows if "empty_like" in row[1]}, {"fresh"})

    def test_from_the_start(self):
        names = [row[1] for row in self.operators(LOOP, REPRISE_OPERATORS=0)]
        self.assertIn("aten.uniform_.default", names)  # construction

    def test_warnings_about_operators_that_are_not_deterministic(self):
        text = LOOP.replace("    opt.step()", "    torch.bincount(torch.tensor([1, 2]), weights=x[0, :2].detach())\n    opt.step()")
        text += "print(torch.are_deterministic_algorithms_enabled())\n"
        self.operators(text.replace("import torch", "import torch, warnings; warnings.simplefilter('error')"), REPRISE_OPERATORS=1, REPRISE_OPERATORS_WARN=1)
        self.assertEqual(self.out, "False\n")

    def test_results_are_the_same(self):
        bare = self.run_text(TORCH.replace("WORKERS", "0"), root=None)
        for step in (0, 3):
            rows = self.operators(TORCH.replace("WORKERS", "0"), REPRISE_OPERATORS=step)
            self.assertGreater(len(rows), 20)
            self.assertEqual(bare.out, self.out)


if __name__ == "__main__":
    unittest.main()
