"""Generators: seeded from the root, told apart by site, and never against the program's own seed."""
import os
import sys
import unittest

from harness import AgentTest, has

DRAWS = """
import random, sys
def make():
    return random.Random().random()
print(random.random(), make(), make(), random.Random().random(), random.Random(5).random())
"""
NUMPY = """
import numpy as np, copy, pickle
print(np.random.rand(), np.random.default_rng().random(), np.random.RandomState().rand(), np.random.SeedSequence().entropy)
rng = np.random.default_rng(7)
copy.deepcopy(np.random.RandomState(3)); pickle.loads(pickle.dumps(rng))
np.random.seed(5); print(np.random.rand())
"""
TORCH = """
import torch
print(torch.rand(1).item(), torch.Generator().seed(), torch.seed(), torch.rand(1).item())
torch.manual_seed(3); print(torch.rand(1).item())
"""


class Seeds(AgentTest):
    def test_random_follows_the_root(self):
        first, again, other = (self.run_text(DRAWS, root=root) for root in ("a", "a", "b"))
        self.assertEqual(first.out, again.out)
        drawn = [set(run.out.split()[:4]) for run in (first, other)]
        self.assertFalse(drawn[0] & drawn[1])
        self.assertEqual(len(drawn[0]), 4)
        self.assertEqual(first.out.split()[4], other.out.split()[4])
        gens = first.of("gen", name="random.Random")
        self.assertEqual([(one["f"], one["l"], one["n"]) for one in gens], [("main.py", 4, 0), ("main.py", 4, 1), ("main.py", 5, 0)])
        self.assertEqual(gens[0]["key"], "main.py:4:make")
        self.assertEqual([one["name"] for one in first.of("seeded")], ["random"])
        self.assertEqual([(one["name"], one["f"], one["l"], one["how"]) for one in first.of("drawn")], [("random", "main.py", 5, "source")])
        self.no_faults(first)

    def test_seed_off_observes_only(self):
        first, again = self.run_text(DRAWS, root=""), self.run_text(DRAWS, root="")
        self.assertFalse(set(first.out.split()[:4]) & set(again.out.split()[:4]))
        self.assertEqual(first.of("seeded"), [])
        self.assertEqual(len(first.of("gen")), 3)
        self.assertEqual(len(first.of("drawn")), 1)

    def test_one_site_is_held_while_the_rest_vary(self):
        streams = os.path.join(self.root, "streams")
        with open(streams, "w") as file:
            file.write("main.py:4:make\ta\n")
        first = self.run_text(DRAWS, root="a").out.split()
        mixed = self.run_text(DRAWS, root="b", REPRISE_STREAMS=streams).out.split()
        self.assertEqual([a == b for a, b in zip(first, mixed)], [False, True, True, False, True])
        with open(streams, "w") as file:
            file.write("random\ta\n")
        mixed = self.run_text(DRAWS, root="b", REPRISE_STREAMS=streams).out.split()
        self.assertEqual([a == b for a, b in zip(first, mixed)], [True, False, False, False, True])

    def test_a_site_draws_as_the_one_that_it_was_in_other_code(self):
        streams = os.path.join(self.root, "streams")
        with open(streams, "w") as file:
            file.write("main.py:5:build\ta\tmain.py:4:make\nmain.py:6:<module>\ta\tmain.py:5:<module>\n")
        moved = "\n" + DRAWS.replace("make", "build")
        first, plain = self.run_text(DRAWS, root="a").out.split(), self.run_text(moved, root="a").out.split()
        self.assertEqual([a == b for a, b in zip(first, plain)], [True, False, False, False, True])
        for root, same in (("a", True), ("b", False)):
            mixed = self.run_text(moved, root=root, REPRISE_STREAMS=streams).out.split()
            self.assertEqual([a == b for a, b in zip(first, mixed)], [same, True, True, True, True])

    def test_the_programs_own_seed_wins(self):
        text = "import random; random.seed(42); print(random.random())"
        bare, run = self.run_text(text, root=None), self.run_text(text)
        self.assertEqual(bare.out, run.out)
        self.assertEqual([(one["name"], one["f"], one["l"], one["value"]) for one in run.of("own")], [("random.seed", "main.py", 1, "42")])
        self.assertEqual(run.of("drawn"), [])
        late = self.run_text("import random; x = random.random(); random.seed(42); print(random.random())")
        self.assertEqual(late.out, bare.out)
        self.assertEqual([one["name"] for one in late.of("drawn")], ["random"])

    def test_what_must_stay_unpredictable_does(self):
        text = """
        import secrets, random, uuid, tempfile, os
        print(secrets.token_hex(8), random.SystemRandom().random(), uuid.uuid4(), os.urandom(4).hex(),
              next(tempfile._get_candidate_names()))
        """
        first, again = self.run_text(text).out.split(), self.run_text(text).out.split()
        self.assertFalse(set(first) & set(again))

    def test_functions_look_as_before(self):
        run = self.run_text(
            """
            import pickle, random, inspect
            assert pickle.loads(pickle.dumps(random.Random(3))).random() == random.Random(3).random()
            assert random.Random.seed.__name__ == "seed" and random.seed.__self__ is random._inst
            class Mine(random.Random):
                def seed(self, a=None, version=2): super().seed(11, version)
            assert Mine().random() == Mine(4).random()
            random.Random.__reduce__; help
            """
        )
        self.no_faults(run)

    def test_a_busy_site_is_told_in_powers_of_two(self):
        run = self.run_text("import random\nfor i in range(100): random.Random()")
        self.assertEqual([one["n"] for one in run.of("gen")], list(range(20)) + [32, 64])

    def test_where_it_was_drawn(self):
        self.write("helper.py", "import random\n\ndef go():\n    a = 1\n    return random.choice([1, 2]) + a\n")
        text = "import random, helper\nx = 1\ny = helper.go()\nz = random.random()\n"
        run = self.run_text(text, REPRISE_LOCATE=1)
        self.assertEqual([(one["f"], one["l"], one["how"]) for one in run.of("drawn")], [("helper.py", 5, "seen")])
        run = self.run_text(text)
        self.assertEqual(sorted((one["f"], one["l"]) for one in run.of("drawn")), [("helper.py", 5), ("main.py", 4)])
        self.write("vendor/site-packages/styles.py", "import random\nids = random.getrandbits(8)\n")
        text = "import sys; sys.path.insert(0, 'vendor/site-packages')\nimport styles\n"
        run = self.run_text(text + "import random\nx = random.random()\n", REPRISE_LOCATE=1)
        self.assertEqual([(one["f"], one["l"]) for one in run.of("drawn")], [("main.py", 4)])
        run = self.run_text(text, REPRISE_LOCATE=1)
        self.assertEqual([(one["f"], one["l"]) for one in run.of("drawn")], [("main.py", 2)])
        text = "import random, time\nend = time.monotonic() + 3\nlines = 0\nwhile time.monotonic() < end:\n    lines += 1\nprint(lines)\nx = random.random()\n"
        slow, bounded = (self.run_text(text, REPRISE_LOCATE=1, REPRISE_LOCATE_SECONDS=seconds) for seconds in (60, 1))
        self.assertEqual([(one["l"], one["how"]) for run in (slow, bounded) for one in run.of("drawn")], [(7, "seen"), (7, "source")])
        self.assertGreater(int(bounded.out), 3 * int(slow.out))
        self.no_faults(bounded)
        plain = self.run_text("import os\nx = getattr(__import__('ran' + 'dom'), 'random')()")
        self.assertEqual([(one["f"], one["how"]) for one in plain.of("drawn")], [(None, "source")])


@unittest.skipUnless(has("numpy"), "numpy is not installed for this Python")
class NumPy(AgentTest):
    def test_every_generator(self):
        first, again, other = (self.run_text(NUMPY, root=root) for root in ("a", "a", "b"))
        self.no_faults(first)
        self.assertEqual(first.out, again.out)
        self.assertFalse(set(first.out.split()[:4]) & set(other.out.split()[:4]))
        self.assertEqual(first.out.split()[4], other.out.split()[4])
        self.assertEqual([one["l"] for one in first.of("gen")], [3, 3, 3])
        self.assertEqual(first.of("own")[0]["value"], "5")
        self.assertEqual(first.of("drawn")[0]["l"], 3)
        self.assertEqual(first.of("end")[0]["frameworks"]["numpy"], __import__("numpy").__version__)

    def test_the_library_that_made_one_for_the_user_is_named(self):
        self.write("vendor/site-packages/lib.py", "import numpy as np, random\ndef make():\n    return np.random.RandomState(), random.Random()\n")
        run = self.run_text("import sys; sys.path.insert(0, 'vendor/site-packages')\nimport lib, random\nlib.make()\nrandom.Random()\n")
        self.no_faults(run)
        named = [(one["name"], one["f"], one["l"]) for one in run.of("gen")]
        self.assertEqual(sorted(named), [("numpy.random (lib)", "main.py", 3), ("random.Random", "main.py", 4), ("random.Random (lib)", "main.py", 3)])

    def test_the_line_is_seen(self):
        run = self.run_text("import numpy as np\na = 1\ndef f():\n    return np.random.rand()\nb = f()\nc = np.random.rand()", REPRISE_LOCATE=1)
        self.assertEqual([(one["name"], one["l"], one["how"]) for one in run.of("drawn")], [("numpy", 4, "seen")])

    def test_scikit_learn_without_random_state(self):
        if not has("sklearn"):
            self.skipTest("scikit-learn is not installed for this Python")
        text = """
        import numpy as np
        from sklearn.linear_model import SGDClassifier
        from sklearn.model_selection import train_test_split
        X = np.arange(400.0).reshape(100, 4) % 7; y = np.arange(100) % 2
        a, b, c, d = train_test_split(X, y)
        model = SGDClassifier(random_state=1).fit(a, c)
        print(model.coef_.tolist())
        """
        first, again, other = (self.run_text(text, root=root) for root in ("a", "a", "b"))
        self.assertEqual(first.out, again.out)
        self.assertNotEqual(first.out, other.out)
        self.assertEqual([(one["name"], one["l"]) for one in first.of("drawn")], [("numpy", 6)])


@unittest.skipUnless(has("torch"), "torch is not installed for this Python")
class Torch(AgentTest):
    def test_every_generator(self):
        first, again, other = (self.run_text(TORCH, root=root) for root in ("a", "a", "b"))
        self.no_faults(first)
        self.assertEqual(first.out, again.out)
        self.assertFalse(set(first.out.split()[:4]) & set(other.out.split()[:4]))
        self.assertEqual(first.out.split()[4], other.out.split()[4])
        self.assertEqual([one["name"] for one in first.of("gen")], ["torch.Generator.seed", "torch.seed"])
        self.assertEqual([(one["name"], one["l"]) for one in first.of("drawn")], [("torch", 3)])
        frameworks = first.of("end")[0]["frameworks"]
        self.assertIn("torch.num_threads", frameworks)

    def test_workers_of_a_loader(self):
        text = """
        import torch, random, sys, torch._dynamo
        import numpy as np
        class Set(torch.utils.data.Dataset):
            def __len__(self): return 4
            def __getitem__(self, i): return torch.tensor([random.random(), np.random.rand(), torch.rand(1).item()])
        if __name__ == "__main__":
            loader = torch.utils.data.DataLoader(Set(), num_workers=2, multiprocessing_context=sys.argv[1], shuffle=True)
            print([batch.tolist() for batch in loader])
        """
        for context in ("fork", "spawn"):
            self.write("main.py", text)
            first, again, other = (self.run_python("main.py", context, root=root) for root in ("a", "a", "b"))
            self.assertEqual(first.out, again.out, context)
            self.assertNotEqual(first.out, other.out)
            self.no_faults(first)
            self.assertEqual(len(set(one["proc"] for one in first.events)), 3)
            self.assertEqual(first.of("own"), [])
            self.assertIn(("torch", "main.py", 8), [(one["name"], one["f"], one["l"]) for one in first.of("drawn")])


TENSORFLOW = """
import tensorflow as tf
def draw():
    return tf.random.uniform([1])
print(float(draw()[0]), tf.random.Generator.from_non_deterministic_state().uniform([2]).numpy().tolist())
print(next(iter(tf.data.Dataset.range(1000).shuffle(1000))).numpy())
tf.random.set_seed(5); print(float(draw()[0]))
"""


@unittest.skipUnless(has("tensorflow"), "tensorflow is not installed for this Python")
class TensorFlow(AgentTest):
    def test_every_generator(self):
        first, again, other = (self.run_text(TENSORFLOW, root=root) for root in ("a", "a", "b"))
        self.no_faults(first)
        self.assertEqual(first.out, again.out)
        a, b = first.out.splitlines(), other.out.splitlines()
        self.assertNotEqual(a[0], b[0])
        self.assertNotEqual(a[1], b[1])
        self.assertEqual(a[2], b[2])
        self.assertEqual([(one["name"], one["l"]) for one in first.of("gen", f="main.py")], [("tensorflow.random.Generator", 5)])
        self.assertEqual([(one["l"], one["how"]) for one in first.of("drawn", name="tensorflow")], [(4, "seen")])

    def test_what_the_program_seeds_is_not_told(self):
        run = self.run_text("import tensorflow as tf\ntf.random.set_seed(1)\nprint(float(tf.random.uniform([1])[0]))")
        self.no_faults(run)
        self.assertEqual(run.of("drawn", name="tensorflow"), [])


if __name__ == "__main__":
    unittest.main()
