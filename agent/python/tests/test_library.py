"""`import reprise`: what a program tells by it, inside a recorded run and outside of any."""
import hashlib
import os
import subprocess
import sys
import unittest

from harness import SOURCE, AgentTest, has

ALL = """
    import reprise
    reprise.metric("loss", 0.5, step=1)
    reprise.metric("loss", 0.25, 2)
    reprise.metric("text", "no number")
    reprise.param("lr", 0.1)
    reprise.param("api_key", "hunter2")
    print(reprise.seed("split"), reprise.seed("init"), reprise.seed("split"))
    reprise.claim("loss < 0.3")
    for step in (1, 2):
        reprise.checkpoint("out/model.pt", step=step)
    reprise.reference("held-out", [[1, 2], [3, 4]], [0.1, 0.9])
    print(reprise.recorded())
"""


def derived(root, name):
    return int.from_bytes(hashlib.sha256((root + "\0seed\0" + name).encode()).digest()[:4], "big")


class Library(AgentTest):
    def outside(self, text, *, path=SOURCE):
        """Without Reprise, from where `pip install` would have put it."""
        self.write("main.py", text)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("REPRISE_", "PYTHON"))}
        child = subprocess.run(
            [sys.executable, "main.py"], cwd=self.project, env=dict(env, PYTHONPATH=path), capture_output=True, text=True
        )
        self.assertEqual(child.stderr, "")
        return child.stdout.split()

    def test_all_of_it(self):
        run = self.run_text(ALL, root="abc")
        split, init = derived("abc", "split"), derived("abc", "init")
        self.assertEqual(run.out.split(), [str(split), str(init), str(split), "True"])
        points = [(one["name"], one["step"], one["value"]) for one in run.of("metric", src="reprise")]
        self.assertEqual(points, [("loss", 1, 0.5), ("loss", 2, 0.25)])
        self.assertEqual([one["why"] for one in run.of("fault")], ["text: str is no number"])
        params = {one["name"]: one["value"] for one in run.of("param", src="reprise")}
        self.assertEqual(params, {"lr": "0.1", "api_key": "<secret>"})
        seeds = [(one["name"], one["value"], one["declared"], one["key"], one["f"]) for one in run.of("seed")]
        self.assertEqual(seeds, [("split", split, False, "seed:split", "main.py"), ("init", init, False, "seed:init", "main.py")])
        self.assertEqual([(one["text"], one["f"], one["l"]) for one in run.of("claim")], [("loss < 0.3", "main.py", 9)])
        path = os.path.join(self.project, "out/model.pt")
        self.assertEqual([(one["p"], one["step"]) for one in run.of("checkpoint")], [(path, 1), (path, 2)])
        reference = run.of("reference")[0]
        self.assertEqual((reference["name"], reference["f"], reference["l"]), ("held-out", "main.py", 12))
        self.assertRegex(reference["inputs"], "^sha256:[0-9a-f]{64}$")
        with open(os.path.join(self.events, reference["kept"]), "rb") as file:
            data = file.read()
        self.assertEqual(data[:8], b"\x93NUMPY\x01\x00")
        self.assertEqual(len(data) % 64, 16)
        # No trace of ours among what the program itself did.
        self.assertEqual([run.of(kind) for kind in ("read", "write", "gen", "val")], [[], [], [], []])
        self.assertNotIn("reprise", [name for name, _ in run.of("end")[0]["modules"]])

    def test_outside_nothing_happens_and_seeds_stand(self):
        split, init = derived("", "split"), derived("", "init")
        self.assertEqual(self.outside(ALL), [str(split), str(init), str(split), "False"])
        self.assertEqual(os.listdir(self.project), ["main.py"])

    def test_seeds_are_off_with_the_root(self):
        run = self.run_text("import reprise; print(reprise.seed('split'))", root="")
        self.assertEqual(run.out.strip(), str(derived("", "split")))

    def test_a_declared_seed_leaves_the_others(self):
        run = self.run_text("import reprise; print(reprise.seed('split'), reprise.seed('init'))", root="abc", REPRISE_SEEDS="x=3 split=7")
        self.assertEqual(run.out.split(), ["7", str(derived("abc", "init"))])
        self.assertEqual([one["declared"] for one in run.of("seed")], [True, False])

    def test_a_stream_gives_one_seed_another_root(self):
        path = self.write("streams.tsv", "seed:split\tother\n")
        run = self.run_text("import reprise; print(reprise.seed('split'), reprise.seed('init'))", root="abc", REPRISE_STREAMS=path)
        self.assertEqual(run.out.split(), [str(derived("other", "split")), str(derived("abc", "init"))])

    def test_every_process_has_the_same_seed(self):
        self.write("main.py", """
            import multiprocessing, os, subprocess, sys, reprise
            def tell(_): return reprise.seed("split")
            if __name__ == "__main__":
                found = [reprise.seed("split")]
                for method in ("fork", "spawn"):
                    with multiprocessing.get_context(method).Pool(1) as pool: found += pool.map(tell, [0])
                found.append(int(subprocess.check_output([sys.executable, "-c", "import reprise; print(reprise.seed('split'))"])))
                print(len(found), len(set(found)))
        """)  # fmt: skip
        self.assertEqual(self.run_python("main.py").out.split(), ["4", "1"])

    def test_names_of_seeds(self):
        text = """
            import reprise
            for name in ("a b", "", "tab\\t", 3, "ok-1.2_x", "line\\n"):
                try: reprise.seed(name); print("took")
                except ValueError: print("no")
        """
        words = ["no", "no", "no", "no", "took", "no"]
        self.assertEqual(self.run_text(text).out.split(), words)
        self.assertEqual(self.outside(text), words)

    def test_a_package_of_that_name_is_left_alone(self):
        self.write("reprise.py", "WHO = 'mine'")
        self.assertEqual(self.run_text("import reprise; print(reprise.WHO)").out.strip(), "mine")

    def test_checkpoint_is_a_module_too(self):
        run = self.run_text("""
            import reprise.checkpoint
            reprise.checkpoint("a"); reprise.checkpoint.written(b"b", 3)
            from reprise import checkpoint
            checkpoint(path="c", step=None)
        """)
        self.no_faults(run)
        told = [(os.path.basename(one["p"]), one["step"]) for one in run.of("checkpoint")]
        self.assertEqual(told, [("a", None), ("b", 3), ("c", None)])

    def test_nothing_of_it_raises(self):
        run = self.run_text("""
            import reprise
            class Bad:
                def __str__(self): raise RuntimeError("no")
                __float__ = __iter__ = __len__ = __str__
            reprise.metric(Bad(), 1); reprise.param(Bad(), 1); reprise.param("x", Bad()); reprise.claim(Bad())
            reprise.reference(Bad(), Bad(), Bad()); reprise.checkpoint(Bad()); reprise.metric("a", Bad())
            print("on")
        """)
        self.assertEqual(run.out.strip(), "on")
        self.assertGreaterEqual(len(run.of("fault")), 4)

    @unittest.skipUnless(has("numpy", "torch", "pandas"), "needs NumPy, torch, pandas")
    def test_arrays(self):
        run = self.run_text("""
            import io, json, os, numpy as np, pandas as pd, torch, reprise
            x = np.arange(6, dtype=np.float32).reshape(2, 3)
            same = [x, np.asfortranarray(x), torch.tensor(x), x.astype(">f4")]
            for one in same: reprise.reference("same", one, one)
            reprise.reference("bf16", {"b": x, "a": None}, torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=True))
            reprise.reference("frame", pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pd.Series([True, False]))
            reprise.reference("words", ["a text"], np.array(["cat", "doge"], dtype=object))
            reprise.reference("list", [[1], [2, 3]], [[1, 2], [3, 4]])
            reprise.reference("scalar", object(), 0.5)
            reprise.reference("ragged", open, [[1], [2, 3]])
            reprise.reference("batches", [x, x], [np.ones(2, "f4"), torch.zeros(2)])
            for name in sorted(os.listdir(os.environ["REPRISE_EVENTS"])):
                if name.endswith(".npy"):
                    array = np.load(os.path.join(os.environ["REPRISE_EVENTS"], name))
                    print(json.dumps([array.dtype.str, list(array.shape), array.tolist()]))
        """)
        import json

        self.no_faults(run)
        told = run.of("reference")
        kept = sorted(one["kept"] for one in told if "kept" in one)
        arrays = dict(zip(kept, map(json.loads, run.out.splitlines())))
        of = {one["name"]: (one["inputs"], arrays.get(one.get("kept")), one.get("lost")) for one in told}
        self.assertEqual(len({one["inputs"] for one in told if one["name"] == "same"}), 1)
        self.assertEqual([arrays[one["kept"]] for one in told[:4]], [["<f4", [2, 3], [[0, 1, 2], [3, 4, 5]]]] * 4)
        self.assertEqual(of["bf16"][1], ["<f4", [1], [1.5]])
        self.assertEqual(of["frame"][1], ["|b1", [2], [True, False]])
        self.assertEqual(of["words"][1], ["<U4", [2], ["cat", "doge"]])
        self.assertEqual(of["list"][1], ["<i8", [2, 2], [[1, 2], [3, 4]]])
        self.assertEqual(of["scalar"][:2], (None, ["<f8", [], 0.5]))
        self.assertEqual(of["ragged"], (None, None, "the predictions are no array of numbers or texts"))
        self.assertEqual(of["batches"][1], ["<f8", [2, 2], [[1, 1], [0, 0]]])
        for name in ("bf16", "frame", "words", "list", "batches"):
            self.assertRegex(of[name][0], "^sha256:")


if __name__ == "__main__":
    unittest.main()
