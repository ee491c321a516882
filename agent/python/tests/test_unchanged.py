"""A seeded training ends in the same bits with the agent and without it."""
import unittest

from harness import AgentTest, has

TORCH = """
import random, hashlib
import numpy as np
import torch
from torch import nn
random.seed(1); np.random.seed(2); torch.manual_seed(3)
X = torch.randn(256, 8); y = (X.sum(1) > 0).long()
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2))
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=32, shuffle=True, num_workers=WORKERS)
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(3):
    for a, b in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(a + random.random() * np.random.rand()), b).backward()
        optimizer.step()
digest = hashlib.sha256()
for value in model.state_dict().values(): digest.update(value.numpy().tobytes())
for state in (optimizer.state_dict()["state"][0]["exp_avg"], torch.get_rng_state()): digest.update(state.numpy().tobytes())
digest.update(repr((random.getstate(), [part.tolist() if hasattr(part, "tolist") else part for part in np.random.get_state()])).encode())
print(digest.hexdigest())
"""
SKLEARN = """
import hashlib, numpy as np, random
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
np.random.seed(4); random.seed(5)
a, b, c, d = train_test_split(*load_digits(return_X_y=True))
forest = RandomForestClassifier(20).fit(a, c)
model = SGDClassifier().fit(a, c)
print(hashlib.sha256(model.coef_.tobytes() + forest.predict_proba(b).tobytes()).hexdigest(), np.random.rand(), random.random())
"""
XGBOOST = """
import hashlib, numpy as np, xgboost
rng = np.random.default_rng(6)
X = rng.normal(size=(400, 6)); y = (X[:, 0] > 0).astype(int)
model = xgboost.XGBClassifier(n_estimators=20, subsample=0.5, random_state=7, n_jobs=1).fit(X, y)
print(hashlib.sha256(bytes(model.get_booster().save_raw())).hexdigest())
"""
PLAIN = """
import random, hashlib
random.seed(3); mine = random.Random(4)
weights = [0.0] * 5
for step in range(2000):
    row = [random.gauss(0, 1) for _ in weights]
    error = sum(w * x for w, x in zip(weights, row)) - row[0] - mine.random()
    weights = [w - 0.01 * error * x for w, x in zip(weights, row)]
print(weights, hashlib.sha256(repr((random.getstate(), mine.getstate())).encode()).hexdigest())
"""


class Unchanged(AgentTest):
    def same(self, text):
        bare = self.run_text(text, root=None)
        for root, extra in (("root", {}), ("", {}), ("root", {"REPRISE_LOCATE": "1"}), ("root", {"REPRISE_STEPS": "all"})):
            run = self.run_text(text, root=root, **extra)
            self.assertEqual(bare.out, run.out, extra)
            self.no_faults(run)
            self.assertEqual([one["name"] for one in run.of("drawn", proc="0")], [])

    def test_plain_python(self):
        self.same(PLAIN)

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_torch(self):
        self.same(TORCH.replace("WORKERS", "0"))

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_torch_with_workers(self):
        self.same(TORCH.replace("WORKERS", "2"))

    @unittest.skipUnless(has("sklearn"), "scikit-learn is not installed for this Python")
    def test_scikit_learn(self):
        self.same(SKLEARN)

    @unittest.skipUnless(has("xgboost"), "xgboost is not installed for this Python")
    def test_xgboost(self):
        self.same(XGBOOST)


if __name__ == "__main__":
    unittest.main()
