"""Steps are found in a program that knows nothing of them, and each channel tells what it is there to tell."""
import re
import unittest

from harness import AgentTest, has

LOOP = """
import torch
torch.set_num_threads(1)
torch.manual_seed(SEED)
data = torch.randn(STEPS, 16, 4, generator=torch.Generator().manual_seed(7))
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
for step in range(STEPS):
    x = data[step]
    BATCH
    y = x.sum(1, keepdim=True)
    optimizer.zero_grad()
    loss = LOSS
    loss.backward()
    optimizer.step()
"""
PLAIN = {"SEED": "1", "STEPS": "3", "LR": "0.1", "MOMENTUM": "0.9", "BATCH": "pass", "LOSS": "((model(x) - y) ** 2).mean()"}
TORCH = unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")


def loop(**changes):
    text = LOOP
    for name, value in dict(PLAIN, **changes).items():
        text = re.sub(r"\b%s\b" % name, lambda _: value, text)
    return text


class StepsTest(AgentTest):
    def steps(self, text, mode="all", faults=False, **options):
        run = self.run_text(text, REPRISE_STEPS=mode, **options)
        if not faults:
            self.no_faults(run)
        for one in run.of("step"):
            for value in one["c"].values():
                self.assertRegex(value, "^[0-9a-f]{16}$")
        return run.of("step")

    def channels(self, text, **options):
        return {(one["of"], one["n"]): one["c"] for one in self.steps(text, **options)}

    def differing(self, one, other):
        """(n, names of the channels that differ) of the first step that does."""
        one, other = self.channels(one), self.channels(other)
        self.assertEqual(list(one), list(other))
        for key, values in one.items():
            self.assertEqual(set(values), set(other[key]))
            names = {name for name, value in values.items() if other[key][name] != value}
            if names:
                return key[1], names
        return None


@TORCH
class Torch(StepsTest):
    def test_every_step_with_its_line_and_channels(self):
        steps = self.steps(loop())
        self.assertEqual([(one["of"], one["n"], one["kind"]) for one in steps], [("0:SGD", n, "torch") for n in (-1, 0, 1, 2)])
        line = loop().split("\n").index("    optimizer.step()") + 1
        self.assertEqual({(one["f"], one["l"]) for one in steps}, {("main.py", line)})
        state = {"parameters", "optimizer", "lr", "options", "rng.random", "rng.numpy", "rng.torch"}
        self.assertEqual(set(steps[0]["c"]), state)
        self.assertEqual(set(steps[1]["c"]), state | {"batch", "batch-set", "loss", "gradients", "control"})
        for name in ("batch", "loss", "gradients", "parameters", "optimizer", "rng.torch", "control"):
            self.assertEqual(len({one["c"][name] for one in steps[1:]}), 3, name)

    def test_the_same_again_is_the_same(self):
        self.assertIsNone(self.differing(loop(), loop()))

    def test_rows_in_another_order(self):
        n, names = self.differing(loop(), loop(BATCH="x = x.flip(0)"))
        self.assertEqual(n, 0)
        self.assertIn("batch", names)
        self.assertNotIn("batch-set", names)

    def test_other_rows(self):
        n, names = self.differing(loop(), loop(BATCH="x = x + (step == 1)"))
        self.assertEqual(n, 1)
        self.assertLessEqual({"batch", "batch-set", "loss", "gradients", "parameters"}, names)

    def test_another_seed_shows_before_the_first_step(self):
        n, names = self.differing(loop(), loop(SEED="2"))
        self.assertEqual((n, names), (-1, {"parameters", "rng.torch"}))

    def test_another_rate_of_learning(self):
        self.assertEqual(self.differing(loop(), loop(LR="0.05")), (-1, {"lr"}))
        one, other = self.channels(loop()), self.channels(loop(LR="0.05"))
        key = ("0:SGD", 0)
        self.assertEqual({name for name in one[key] if one[key][name] != other[key][name]}, {"lr", "parameters"})

    def test_another_momentum_is_an_option(self):
        self.assertEqual(self.differing(loop(), loop(MOMENTUM="0.8")), (-1, {"options"}))

    def test_another_loss_of_the_same_batch(self):
        n, names = self.differing(loop(), loop(LOSS="2 * ((model(x) - y) ** 2).mean()"))
        self.assertEqual((n, names), (0, {"loss", "gradients", "parameters", "optimizer"}))

    def test_numerics_alone(self):
        """Equal inputs and another last bit of the gradients."""
        noisy = loop().replace("    optimizer.step()", "    model[0].weight.grad[0, 0] *= 1 + 1e-6 * (step == 1)\n    optimizer.step()")
        plain = loop().replace("    optimizer.step()", "    model[0].weight.grad[0, 0] *= 1 + 0 * (step == 1)\n    optimizer.step()")
        self.assertEqual(self.differing(plain, noisy), (1, {"gradients", "parameters", "optimizer"}))

    def test_a_draw_that_changes_nothing_yet(self):
        self.assertEqual(self.differing(loop(BATCH="import random"), loop(BATCH="import random; random.random()"))[1], {"rng.random"})

    def test_another_way_through_the_program(self):
        branch = "if step == TURN:\n        loss.backward()\n    else:\n        loss.backward()"
        texts = [loop().replace("loss.backward()", branch.replace("TURN", turn)) for turn in ("9", "1")]
        self.assertEqual(self.differing(*texts), (1, {"control"}))

    def test_inputs_given_by_name_and_losses_that_are_modules(self):
        text = loop(LOSS="torch.nn.MSELoss()(model(input=x), y)")
        one, other = self.channels(text), self.channels(text.replace("y = x.sum", "y = 2 * x.sum"))
        self.assertNotEqual(one[("0:SGD", 0)]["batch"], other[("0:SGD", 0)]["batch"])
        self.assertIsNotNone(one[("0:SGD", 0)]["batch-set"])

    def test_evaluation_between_steps_is_no_batch(self):
        self.assertIsNone(
            self.differing(loop(BATCH="_ = 1"), loop(BATCH="with torch.no_grad(): model.eval()(x + 1); model.train()"))
        )

    def test_two_optimizers_have_their_own_steps(self):
        steps = self.steps(
            """
            import torch
            a, b = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
            one, two = torch.optim.Adam(a.parameters()), torch.optim.SGD(b.parameters(), lr=0.1)
            for step in range(2):
                b(a(torch.ones(3, 2))).sum().backward()
                two.step(); one.step()
            """
        )
        self.assertEqual(
            [(one["of"], one["n"]) for one in steps],
            [("0:SGD", -1), ("0:SGD", 0), ("1:Adam", -1), ("1:Adam", 0), ("0:SGD", 1), ("1:Adam", 1)],
        )

    def test_a_closure_that_computes_the_gradients(self):
        text = """
            import torch
            torch.manual_seed(0)
            model, x = torch.nn.Linear(3, 1), torch.randn(9, 3)
            optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
            def closure():
                optimizer.zero_grad()
                loss = (model(x) ** 2).mean() * FACTOR
                loss.backward()
                return loss
            for step in range(2): optimizer.step(closure)
            """
        n, names = self.differing(text.replace("FACTOR", "1"), text.replace("FACTOR", "2"))
        self.assertEqual(n, 0)
        self.assertLessEqual({"gradients", "loss", "optimizer"}, names)
        self.assertFalse({"batch", "batch-set", "lr"} & names)

    def test_a_gradient_scaler_that_is_switched_off(self):
        text = loop().replace("loss.backward()", "scaler.scale(loss).backward()").replace("optimizer.step()", "scaler.step(optimizer); scaler.update()")
        text = text.replace("for step", "scaler = torch.amp.GradScaler('cpu', enabled=False)\nfor step", 1)
        self.assertEqual([one["n"] for one in self.steps(text)], [-1, 0, 1, 2])

    def test_the_gradient_scaler(self):
        text = loop().replace("loss.backward()", "scaler.scale(loss).backward()").replace("optimizer.step()", "scaler.step(optimizer); scaler.update()")
        text = text.replace("for step", "scaler = torch.amp.GradScaler('cpu', init_scale=SCALE)\nfor step", 1)
        n, names = self.differing(text.replace("SCALE", "16.0"), text.replace("SCALE", "8.0"))
        self.assertEqual((n, names), (-1, {"scaler"}))

    def test_under_compilation_batches_come_from_the_loader(self):
        text = """
            import torch
            torch.manual_seed(0)
            x = torch.arange(24.0).reshape(12, 2)
            model = torch.nn.Linear(2, 1)
            fast = torch.compile(model, backend="eager")
            optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
            for rows, in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), 4):
                optimizer.zero_grad(); fast(rows).sum().backward(); optimizer.step()
            """
        run = self.run_text(text, REPRISE_STEPS="all")
        self.no_faults(run)
        self.assertEqual(run.err, "")
        self.assertEqual([("batch" in one["c"]) for one in run.of("step")], [False, True, True, True])

    def test_children_count_their_own_steps(self):
        text = """
            import os, torch
            torch.set_num_threads(1)
            model = torch.nn.Linear(2, 1)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            def step(): model(torch.ones(1, 2)).sum().backward(); optimizer.step()
            step()
            if os.fork() == 0:
                step(); os._exit(0)
            os.wait(); step()
            """
        steps = self.steps(text)
        self.assertEqual([one["n"] for one in steps if one["proc"] == "0"], [-1, 0, 1])
        self.assertEqual([one["n"] for one in steps if one["proc"] == "0/fork0"], [-1, 0])

    def test_thinned_out_steps_say_the_same(self):
        text = loop(STEPS="400")
        everything = self.channels(text)
        some = self.channels(text, mode="auto")
        self.assertLess(len(some), len(everything) / 2)
        self.assertLessEqual({("0:SGD", n) for n in (-1, 0, 1, 2, 3)}, set(some))
        for key, values in some.items():
            self.assertEqual(values, everything[key])
        kept = sorted(n for _, n in some)
        self.assertEqual(len(everything), 401)
        # Each is the next multiple of a power of two that never shrinks, and may double several times at once.
        least = 1
        for a, b in zip(kept[4:], kept[5:]):
            fits = [1 << k for k in range(21) if 1 << k >= least and b == (a // (1 << k) + 1) * (1 << k)]
            self.assertTrue(fits, kept)
            least = fits[0]

    def test_listeners_hear_of_every_step(self):
        text = "import sys; S = sys.modules.get('reprise_agent.steps')\nheard = []\n" + loop()
        text = text.replace("for step", "S = sys.modules['reprise_agent.steps']; S.listeners.append(lambda *a: heard.append(a))\nfor step", 1)
        run = self.run_text(text + "print(heard, S.global_count())", REPRISE_STEPS="auto")
        self.assertEqual(run.out.strip(), str([("0:SGD", n) for n in (-1, 0, 1, 2)]) + " 3")

    def test_without_the_variable_nothing_of_it_is_loaded(self):
        names = ["reprise_agent." + name for name in ("steps", "torchsteps", "fingerprint", "channels", "tensors", "sampling")]
        text = loop() + "import sys; print([name for name in %r if name in sys.modules], hasattr(torch.compile, '__wrapped__'))" % names
        run = self.run_text(text)
        self.assertEqual(run.out.strip(), "[] False")
        self.assertEqual(run.of("step"), [])


if __name__ == "__main__":
    unittest.main()
