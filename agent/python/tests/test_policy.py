"""The determinism policy: switches set from outside, violations named by line, nothing changed where it is off."""
import os
import unittest

from harness import AgentTest, has

ALL = "torch-algorithms,torch-fill,cudnn,tf32,listing-order,threads,lightgbm"
TRAINING = """
import hashlib, random
import torch
torch.manual_seed(1)
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(250):
    loss = model(torch.randn(8, 4)).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    LINE
print(hashlib.sha256(model.weight.detach().numpy().tobytes()).hexdigest())
print(hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest(), random.getstate()[1][:2] if SEEDS else "")
"""
PUT = "torch.zeros(4).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))"


class Policy(AgentTest):
    def under(self, mode, text, levers=ALL, **options):
        return self.run_text(text, REPRISE_POLICY="%s:%s" % (mode, levers), **options)

    def training(self, line="pass", seeds=False):
        return TRAINING.replace("LINE", line).replace("SEEDS", str(seeds))

    def set_levers(self, run):
        return {one["lever"] for one in run.of("policy", state="set")}


class Listings(Policy):
    TEXT = """
    import glob, os, pathlib
    print(os.listdir("d"), [e.name for e in os.scandir("d")], glob.glob("d/*"), [p.name for p in pathlib.Path("d").iterdir()])
    with os.scandir("d") as entries: print([e.name for e in entries])
    print([names for _, _, names in os.walk("d")], os.listdir(b"d"))
    """

    def test_are_sorted_whatever_the_salt(self):
        for name in ("b", "a", "d", "c", "Z", "e1", "e10", "e2"):
            self.write("d/" + name)
        sorted_once = self.under("warn", self.TEXT, "listing-order")
        self.assertIn("['Z', 'a', 'b', 'c', 'd', 'e1', 'e10', 'e2']", sorted_once.out)
        for line in sorted_once.out.replace("d/", "").splitlines():
            self.assertNotIn("'b', 'a'", line)
        self.assertEqual(sorted_once.out, self.under("strict", self.TEXT, "listing-order", REPRISE_LISTING="salt").out)
        salted = self.run_text(self.TEXT, REPRISE_LISTING="salt")
        self.assertNotEqual(sorted_once.out, salted.out)
        for one in sorted_once.of("list"):
            self.assertEqual(one["names"], sorted(one["names"]))
        self.no_faults(sorted_once)


class Threads(Policy):
    TEXT = """
    import ctypes, os, subprocess, sys
    get = ctypes.CDLL(None).getenv
    get.restype = ctypes.c_char_p
    print(os.environ.get("OMP_NUM_THREADS"), get(b"OMP_NUM_THREADS"))
    """

    def test_hold_the_number_that_would_have_been_used(self):
        run = self.under("warn", self.TEXT, "threads", OMP_NUM_THREADS="")
        self.assertEqual(run.of("policy")[0]["state"], "kept")
        os.environ.pop("OMP_NUM_THREADS", None)
        run = self.under("warn", self.TEXT, "threads")
        usable = len(os.sched_getaffinity(0))
        self.assertEqual(run.out.split(), ["None", "b'%d'" % usable])
        self.assertIn("OMP_NUM_THREADS=%d" % usable, run.of("policy", lever="threads")[0]["what"])

    def test_recorded_numbers_come_back(self):
        os.environ.pop("OMP_NUM_THREADS", None)
        run = self.under("warn", self.TEXT, "threads", REPRISE_THREADS="MKL_NUM_THREADS=3 OMP_NUM_THREADS=7")
        self.assertEqual(run.out.split(), ["None", "b'7'"])
        self.assertEqual(run.of("policy", lever="threads")[0]["what"], "MKL_NUM_THREADS=3 OMP_NUM_THREADS=7")

    @unittest.skipUnless(has("torch"), "torch is not installed for this Python")
    def test_torch_uses_as_many_as_without(self):
        os.environ.pop("OMP_NUM_THREADS", None)
        text = "import torch; print(torch.get_num_threads())"
        self.assertEqual(self.run_text(text, root=None).out, self.under("warn", text).out)


class Warnings(Policy):
    SAY = "warnings.warn('put_ does not have a deterministic implementation, but')"

    def test_are_seen_whatever_the_program_filters_and_shown_as_without_us(self):
        for line in (
            "pass",
            "warnings.filterwarnings('ignore')",
            "warnings.simplefilter('ignore', UserWarning)",
            "warnings.resetwarnings(); warnings.simplefilter('ignore')",
            "warnings.simplefilter('always')",
            "c = warnings.catch_warnings(); c.__enter__(); warnings.simplefilter('ignore'); c.__exit__(None, None, None)",
        ):
            text = "import warnings\n%s\nfor _ in range(3):\n    %s\n    warnings.warn('other')\n" % (line, self.SAY)
            run = self.under("warn", text, "torch-algorithms")
            self.assertEqual(run.err, self.run_text(text, root=None).err, line)
            self.assertEqual([(one["name"], one["f"], one["l"]) for one in run.of("violation")], [("put_", "main.py", 4)], line)
            self.no_faults(run)

    def test_filters_of_the_command_line_hold(self):
        self.write("main.py", "import warnings\n%s\n" % self.SAY)
        run = self.run_python("main.py", python=("-W", "error"), code=1, REPRISE_POLICY="warn:torch-algorithms")
        self.assertIn("UserWarning: put_", run.err)
        self.assertEqual(len(run.of("violation")), 1)


class Off(Policy):
    def test_nothing_of_it_is_loaded(self):
        run = self.run_text("import sys; print([name for name in sys.modules if 'policy' in name])")
        self.assertEqual(run.out, "[]\n")


@unittest.skipUnless(has("torch", "numpy"), "torch and numpy are not installed for this Python")
class Torch(Policy):
    def test_switches_are_set_and_seeds_are_left_alone(self):
        text = """
        import torch, torch.utils.deterministic as d, warnings
        print(torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled())
        print(d.fill_uninitialized_memory, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32)
        """
        self.assertEqual(self.run_text(text).out, "False False\nTrue False False True\n")
        warn = self.under("warn", text)
        self.assertEqual(warn.out, "True True\nTrue False True False\n")
        self.assertEqual(warn.err, "")
        self.assertEqual(self.under("strict", text).out, "True False\nTrue False True False\n")
        self.assertEqual(self.under("strict", text, "torch-algorithms").out, "True False\nFalse False False True\n")
        self.assertEqual(
            warn.of("policy", lever="torch-algorithms")[0]["what"], "torch.use_deterministic_algorithms(True, warn_only=True)"
        )
        self.assertEqual(self.set_levers(warn), {"torch-algorithms", "torch-fill", "cudnn", "tf32", "listing-order", "threads"})
        drawn = "import random, numpy, torch; print(random.random(), numpy.random.rand(), torch.rand(1), numpy.random.default_rng().random())"
        bare = self.run_text(drawn)
        for mode in ("warn", "strict"):
            run = self.under(mode, drawn)
            self.assertEqual(run.out, bare.out)
            self.assertEqual(run.of("seeded"), bare.of("seeded"))
            self.no_faults(run)

    def test_a_training_keeps_its_bits_under_warn(self):
        text = self.training(PUT, seeds=False)
        bare = self.run_text(text, root=None)
        run = self.under("warn", text)
        self.assertEqual(bare.out, run.out)
        self.assertEqual([(one["name"], one["f"], one["l"]) for one in run.of("violation")], [("put_", "main.py", 12)])
        self.no_faults(run)

    def test_the_warning_reaches_the_user_once_as_it_would(self):
        text = self.training(PUT)
        run = self.under("warn", text)
        self.assertEqual(run.err.count("put_ does not have a deterministic implementation"), 1, run.err)
        self.assertIn("main.py:12: UserWarning", run.err)

    def test_filters_of_the_program_hide_it_from_the_user_and_not_from_us(self):
        for line in (
            "warnings.filterwarnings('ignore')",
            "warnings.simplefilter('ignore')",
            "warnings.resetwarnings(); warnings.simplefilter('ignore', UserWarning)",
            "warnings.filters.insert(0, ('ignore', None, Warning, None, 0)); warnings.simplefilter('ignore', append=True)",
        ):
            run = self.under("warn", "import warnings, torch\n%s\n%s\n" % (line, PUT))
            self.assertEqual(run.err, "", line)
            if "filters.insert" not in line:
                self.assertEqual([(one["name"], one["l"]) for one in run.of("violation")], [("put_", 3)], line)
        run = self.under("warn", "import warnings, torch\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    pass\n%s\n" % PUT)
        self.assertEqual(run.err.count("does not have"), 1)
        self.assertEqual(len(run.of("violation")), 1)
        run = self.under("warn", "import warnings, torch\nwarnings.simplefilter('error')\n%s\n" % PUT, code=1)
        self.assertIn("UserWarning: put_ does not", run.err)
        self.assertEqual(len(run.of("violation")), 1)

    def test_other_warnings_are_shown_as_without_us(self):
        text = """
        import warnings, torch
        def say(): warnings.warn("mine")
        for _ in range(3): say()
        warnings.filterwarnings("once", message="twice")
        for _ in range(3): warnings.warn("twice"); warnings.warn("other", DeprecationWarning)
        """
        self.assertEqual(self.run_text(text, root=None).err, self.under("warn", text).err)

    def test_strict_raises_with_the_program_s_own_words(self):
        run = self.under("strict", "import torch\ndef f():\n    %s\ntry:\n    f()\nfinally:\n    print(1)\n" % PUT, code=1)
        self.assertIn("RuntimeError: put_ does not have a deterministic implementation", run.err)
        self.assertEqual([(one["kind"], one["name"], one["l"]) for one in run.of("violation")], [("operator", "put_", 3)])

    def test_a_flip_is_named_with_its_line(self):
        for line, name, mode in (
            ("torch.use_deterministic_algorithms(False)", "torch.use_deterministic_algorithms", "warn"),
            ("torch.use_deterministic_algorithms(True, warn_only=True)", "torch.use_deterministic_algorithms", "strict"),
            ("torch.set_deterministic_debug_mode('default')", "torch.use_deterministic_algorithms", "strict"),
            ("torch.backends.cudnn.benchmark = True", "torch.backends.cudnn.benchmark", "warn"),
            ("torch.backends.cuda.matmul.allow_tf32 = True", "torch.backends.cuda.matmul.allow_tf32", "warn"),
            ("torch.backends.cudnn.conv.fp32_precision = 'tf32'", "torch.backends.cudnn.allow_tf32", "warn"),
            ("torch.set_float32_matmul_precision('high')", "torch.backends.cuda.matmul.allow_tf32", "warn"),
            ("torch.utils.deterministic.fill_uninitialized_memory = False", "torch.utils.deterministic.fill_uninitialized_memory", "warn"),
        ):
            run = self.under(mode, self.training("if step == 120: " + line))
            self.assertEqual([(one["kind"], one["name"], one["f"], one["l"]) for one in run.of("violation")], [("flipped", name, "main.py", 12)], line)
            self.no_faults(run)

    def test_a_flip_behind_the_setters_is_seen_later(self):
        run = self.under("warn", self.training("if step == 120: torch._C._set_deterministic_algorithms(False)\n    if step == 240: torch._C._set_deterministic_algorithms(True, warn_only=True)"))
        self.assertEqual([(one["name"], one["f"]) for one in run.of("violation")], [("torch.use_deterministic_algorithms", None)])

    def test_a_flip_that_was_asked_for_is_none(self):
        run = self.under("warn", self.training("torch.use_deterministic_algorithms(True); torch.backends.cudnn.benchmark = False"))
        self.assertEqual(run.of("violation"), [])

    def test_pace_tells_steps_and_their_time(self):
        run = self.under("warn", self.training(), "", REPRISE_PACE="1")
        last = run.of("pace")[-1]
        self.assertEqual(last["steps"], 250)
        self.assertTrue(0 < last["seconds"] < 1)
        self.assertEqual(self.set_levers(run), set())


@unittest.skipUnless(has("lightgbm", "sklearn"), "lightgbm is not installed for this Python")
class LightGBM(Policy):
    TEXT = """
    import lightgbm, numpy as np
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 5)); y = (X[:, 0] + rng.normal(size=500) > 0).astype(int)
    mine = {"objective": "binary", "verbose": -1, "num_leaves": 7 EXTRA}
    model = lightgbm.train(mine, lightgbm.Dataset(X, y), 10)
    print(mine == {"objective": "binary", "verbose": -1, "num_leaves": 7 EXTRA})
    other = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1 KEYS).fit(X, y)
    print(other.get_params() == lightgbm.LGBMClassifier(n_estimators=5, verbose=-1 KEYS).get_params())
    text = model.model_to_string() + other.booster_.model_to_string()
    print(text.count("[deterministic: 1]"), text.count("[force_row_wise: 1]"), text.count("[force_col_wise: 1]"))
    """

    def test_parameters_are_given_beside_the_program_s_own(self):
        run = self.under("strict", self.TEXT.replace("EXTRA", "").replace("KEYS", ""))
        self.assertEqual(run.out, "True\nTrue\n2 2 0\n")
        self.assertEqual(len(run.of("policy", lever="lightgbm")), 1)
        run = self.under("warn", self.TEXT.replace("EXTRA", ', "force_col_wise": True').replace("KEYS", ", deterministic=False"))
        self.assertIn("True\nTrue\n1 1 1", run.out)
        self.assertEqual([(one["lever"], one["l"]) for one in run.of("violation")], [("lightgbm", 8)])
        self.no_faults(run)


if __name__ == "__main__":
    unittest.main()
