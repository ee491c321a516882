"""What reprise.checkpoint saves is enough to go on as if nothing had happened, and reading it runs nothing."""
import os
import unittest

from harness import SOURCE, AgentTest, has

TORCH = unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
SKLEARN = unittest.skipUnless(has("sklearn", "numpy"), "scikit-learn is not installed for this Python")

TRAINING = """
import random, sys
import numpy as np, torch
from reprise import checkpoint

torch.set_num_threads(1)
if len(sys.argv) > 1:  # what a resumed process begins with is not what the other had
    random.seed(5), np.random.seed(6), torch.manual_seed(7)
own = torch.Generator().manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
drawn = np.random.default_rng(len(sys.argv))

class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 24
    def __getitem__(self, index):
        return torch.full((4,), float(index)) + random.random() + float(np.random.rand()) + torch.rand(1)

loader = checkpoint.resumable(torch.utils.data.DataLoader(Rows(), batch_size=4, shuffle=True, generator=own))
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters())
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3)
every = dict(model=model, optimizer=optimizer, scheduler=scheduler, loader=loader, drawn=drawn)
last = checkpoint.restore("%s.ckpt" % sys.argv[-1], **every)
step = last["step"] if last else 0
for epoch in range(last["epoch"] if last else 0, 3):
    for rows in loader:
        optimizer.zero_grad()
        (model(rows).square().mean() + float(drawn.random())).backward()
        optimizer.step()
        step += 1
        if not last and step in STOPS:
            checkpoint.save("%d.ckpt" % step, step=step, epoch=epoch, **every)
    scheduler.step()
print([value.double().sum().item().hex() for value in model.state_dict().values()], drawn.random(), torch.rand(1).item(), random.random())
"""


class Checkpoint(AgentTest):
    def alone(self, text, *words, code=0):
        """Without the agent."""
        self.write("main.py", text)
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = SOURCE
        try:
            env = self.environment
            self.environment = lambda root, extra: dict(env(root, extra), PYTHONPATH=SOURCE)
            return self.run_python("main.py", *words, root=None, code=code)
        finally:
            self.environment = env
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before

    @TORCH
    def test_goes_on_in_the_middle_of_an_epoch_and_at_its_end(self):
        stops = ("8", "6", "12")  # after the 2nd batch of the second epoch, after the last of the first and of the second
        text = TRAINING.replace("STOPS", "(8, 6, 12)")
        whole = self.alone(text).out
        for stop in stops:
            self.assertEqual(self.alone(text, stop).out, whole)

    @TORCH
    def test_torch_alone_reads_it(self):
        self.alone(
            """
            import collections, torch
            from reprise import checkpoint
            checkpoint.save("x.pt", model=torch.nn.Linear(2, 2), bag=collections.Counter([1, 1, 2]), pair=(1, 2**100), what=None)
            loaded = torch.load("x.pt", weights_only=True)
            assert set(loaded["states"]["model"][1]["is"][0]) and loaded["format"] == "reprise/checkpoint@1"
            model = torch.nn.Linear(2, 2)
            found = checkpoint.load("x.pt", model=model)
            assert found["bag"] == {1: 2, 2: 1} and found["pair"] == (1, 2**100) and found["what"] is None, found
            """
        )

    @TORCH
    def test_what_it_takes_it_gives_back(self):
        self.alone(
            """
            import enum
            import numpy as np, torch
            from reprise import checkpoint
            class Mode(str, enum.Enum):
                BEST = "best"
            checkpoint.save("x.pt", best=np.float64(0.25), history={"loss": [np.float64(1.5)]}, mode=Mode.BEST, name=np.str_("a"))
            found = checkpoint.load("x.pt")
            assert found == {"best": 0.25, "history": {"loss": [1.5]}, "mode": "best", "name": "a"}, found
            for value in (np.zeros(2, [("a", "i4"), ("b", "f8")]), np.ma.masked_array([1, 2], [0, 1])):
                try: checkpoint.save("x.pt", rows=value)
                except TypeError as error: assert "rows is an array" in str(error), error
                else: raise AssertionError
            """
        )

    @TORCH
    def test_an_epoch_that_was_left_early_is_over(self):
        text = """
            import copy, pickle, sys, torch
            from reprise import checkpoint
            torch.manual_seed(len(sys.argv))
            loader = checkpoint.resumable(torch.utils.data.DataLoader(list(range(12)), batch_size=3, shuffle=True))
            assert len(copy.deepcopy(loader)) == len(pickle.loads(pickle.dumps(loader))) == 4
            last = checkpoint.restore("x.ckpt", loader=loader) if len(sys.argv) > 1 else None
            for epoch in range(last["epoch"] if last else 0, 3):
                for step, rows in enumerate(loader):
                    print(epoch, rows.tolist())
                    if step == 1: break
                if epoch == 0 and not last: checkpoint.save("x.ckpt", loader=loader, epoch=1)
            """
        whole = self.alone(text).out.splitlines()
        self.assertEqual(self.alone(text, "again").out.splitlines(), whole[2:])

    @TORCH
    def test_an_epoch_that_was_interrupted_is_gone_on_with(self):
        text = """
            import sys, torch
            from reprise import checkpoint
            torch.manual_seed(len(sys.argv))
            class Rows(list):
                def __getitem__(self, index):
                    if "inside" in sys.argv and index == third: raise KeyboardInterrupt
                    return index
            third = int(sys.argv[-1]) if "inside" in sys.argv else None
            loader = checkpoint.resumable(torch.utils.data.DataLoader(Rows(range(12)), batch_size=3, shuffle=True))
            last = checkpoint.restore("x.ckpt", loader=loader) if "again" in sys.argv else None
            try:
                for epoch in range(last["epoch"] if last else 0, 2):
                    for step, rows in enumerate(loader):
                        if "stop" in sys.argv and step == 2: raise KeyboardInterrupt
                        print(epoch, rows.tolist())
            except KeyboardInterrupt:
                checkpoint.save("x.ckpt", loader=loader, epoch=epoch)
            """
        whole = self.alone(text, "whole").out.splitlines()
        self.assertEqual(self.alone(text, "stop").out.splitlines(), whole[:2])
        # The batch that it was interrupted in had been given.
        self.assertEqual(self.alone(text, "again").out.splitlines(), whole[3:])
        text = text.replace("len(sys.argv)", "2 if 'again' not in sys.argv else 1")
        third = whole[2].rpartition("[")[2].partition(",")[0]
        self.assertEqual(self.alone(text, "inside", third).out.splitlines(), whole[:2])
        self.assertEqual(self.alone(text, "again").out.splitlines(), whole[2:])

    @SKLEARN
    def test_estimators_go_on_without_a_pickle(self):
        self.alone(
            """
            import numpy as np
            from sklearn.linear_model import SGDClassifier
            from reprise import checkpoint
            x, y = np.random.RandomState(0).randn(60, 3), np.arange(60) % 3
            whole = SGDClassifier(random_state=np.random.RandomState(3))
            for i in range(6):
                whole.partial_fit(x[i * 10 : i * 10 + 10], y[i * 10 : i * 10 + 10], classes=[0, 1, 2])
                if i == 2:
                    checkpoint.save("sgd.ckpt", estimator=whole, generator=whole.random_state)
            fresh = SGDClassifier(random_state=np.random.RandomState(9))
            checkpoint.load("sgd.ckpt", estimator=fresh, generator=fresh.random_state)
            for i in range(3, 6):
                fresh.partial_fit(x[i * 10 : i * 10 + 10], y[i * 10 : i * 10 + 10])
            assert (whole.coef_ == fresh.coef_).all() and whole.t_ == fresh.t_
            """
        )

    @SKLEARN
    def test_an_estimator_that_would_lose_something_is_refused(self):
        self.alone(
            """
            import numpy as np
            from sklearn.neural_network import MLPClassifier
            from sklearn.preprocessing import StandardScaler
            from reprise import checkpoint
            x, y = np.random.RandomState(0).randn(20, 3), np.arange(20) % 2
            scaler = StandardScaler().partial_fit(x[:10])
            checkpoint.save("x.ckpt", scaler=scaler)
            fresh = checkpoint.load("x.ckpt", scaler=StandardScaler())["scaler"]
            assert (fresh.partial_fit(x[10:]).mean_ == scaler.partial_fit(x[10:]).mean_).all()
            try: checkpoint.save("x.ckpt", net=MLPClassifier((2,)).partial_fit(x, y, classes=[0, 1]))
            except TypeError as error: assert "cannot be saved" in str(error), error
            else: raise AssertionError  # without its optimizer it would go on otherwise
            """
        )

    def test_needs_the_standard_library_only(self):
        self.alone(
            """
            import random, sys
            from reprise import checkpoint
            own = random.Random(4)
            checkpoint.save("x.ckpt", own=own, step=3, table={1: [0.5, b"a", float("inf")]})
            drawn = random.random(), own.random()
            assert "torch" not in sys.modules and "numpy" not in sys.modules
            random.seed(1)
            found = checkpoint.load("x.ckpt", own=random.Random())
            assert found["step"] == 3 and found["table"] == {1: [0.5, b"a", float("inf")]}
            assert (random.random(), found["own"].random()) == drawn
            assert checkpoint.restore("absent.ckpt") is None
            """
        )

    def test_what_fails_leaves_the_old_one(self):
        self.alone(
            """
            import os
            from reprise import checkpoint
            checkpoint.save("x.ckpt", step=1)
            for broken in (dict(step=2, what=object()), dict(step=2, what=print)):
                try: checkpoint.save("x.ckpt", **broken)
                except TypeError as error: assert "what is a" in str(error), error
                else: raise AssertionError
            assert checkpoint.load("x.ckpt") == {"step": 1} and os.listdir(".").count("x.ckpt") == 1
            assert not [name for name in os.listdir(".") if name.endswith(".part")]
            """
        )

    @TORCH
    def test_reading_runs_no_code_and_forgets_nothing(self):
        self.alone(
            """
            import os, pickle, torch
            from reprise import checkpoint
            class Bad:
                def __reduce__(self): return os.system, ("touch ran",)
            torch.save({"format": "reprise/checkpoint@1", "states": {"a": ["value", Bad()]}}, "bad.pt")
            for path, things, kind in (("bad.pt", {}, pickle.UnpicklingError),):
                try: checkpoint.load(path, **things)
                except kind: pass
                else: raise AssertionError
            assert not os.path.exists("ran")
            checkpoint.save("x.pt", model=torch.nn.Linear(1, 1))
            for things, word in (({}, "pass the object"), (dict(model=torch.nn.Linear(1, 1), more=torch.nn.Linear(1, 1)), "more")):
                try: checkpoint.load("x.pt", **things)
                except ValueError as error: assert word in str(error), error
                else: raise AssertionError
            try: checkpoint.save("x.pt", loader=torch.utils.data.DataLoader([1, 2]))
            except TypeError as error: assert "resumable" in str(error), error
            else: raise AssertionError
            """
        )

    @TORCH
    def test_a_recorded_run_is_told_of_it(self):
        run = self.run_text("import torch\nfrom reprise import checkpoint\ncheckpoint.save('x.pt', model=torch.nn.Linear(1, 1), step=4)\n")
        self.no_faults(run)
        (told,) = run.of("checkpoint")
        self.assertEqual((os.path.basename(told["p"]), told["step"], told["l"]), ("x.pt", 4, 3))


if __name__ == "__main__":
    unittest.main()
