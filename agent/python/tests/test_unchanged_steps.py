"""With every step fingerprinted a training ends in the same bits, and so do the generators."""
import unittest

from harness import AgentTest, has

TORCH = """
import hashlib, random, numpy as np, torch
from torch import nn
torch.set_num_threads(1)
random.seed(1); np.random.seed(2); torch.manual_seed(3)
X = torch.randn(128, 8); y = X.sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
%s
digest = hashlib.sha256()
for value in list(model.state_dict().values()) + [torch.get_rng_state()]:
    digest.update(value.numpy().tobytes())
for one in optimizer.state_dict()["state"].values():
    for value in one.values():
        digest.update(repr(value.tolist() if hasattr(value, "tolist") else value).encode())
print(digest.hexdigest(), random.random(), np.random.rand())
"""
BODIES = {
    "adam_with_loader_and_workers": """
optimizer = torch.optim.Adam(model.parameters())
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), 32, shuffle=True, num_workers=2)
for epoch in range(2):
    for a, b in loader:
        optimizer.zero_grad(); nn.functional.mse_loss(model(a), b).backward(); optimizer.step()
""",
    "lbfgs": """
optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
def closure():
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y)
    loss.backward()
    return loss
for step in range(3): optimizer.step(closure)
""",
    "scaler_and_autocast": """
optimizer = torch.optim.AdamW(model.parameters()); scaler = torch.amp.GradScaler("cpu")
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
for step in range(5):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16): loss = nn.functional.mse_loss(model(X), y)
    scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update(); schedule.step()
""",
    "hooks_checkpoints_and_tracing": """
from torch.utils.checkpoint import checkpoint
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
model[0].register_forward_pre_hook(lambda module, args: (args[0] * 2,))
model[4].register_full_backward_hook(lambda module, gin, gout: None)
optimizer.register_step_post_hook(lambda *a: None)
traced = torch.jit.trace(nn.Linear(8, 1), X)
print(str(traced.graph).count("aten::"), traced(X).sum().item(), len(list(torch.fx.symbolic_trace(model).graph.nodes)))
for step in range(4):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(checkpoint(model, X.clone().requires_grad_(), use_reentrant=step % 2 == 0), y)
    loss.backward(); optimizer.step()
""",
    "compiled": """
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
fast = torch.compile(model, backend="aot_eager")
for step in range(4):
    optimizer.zero_grad(); nn.functional.mse_loss(fast(X), y).backward(); optimizer.step()
""",
}
SKLEARN = """
import hashlib, pickle, random, warnings, numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
warnings.simplefilter("ignore"); np.random.seed(4); random.seed(5)
X, y = load_digits(return_X_y=True); X, y = X[:300], y[:300]
models = [RandomForestClassifier(10), RandomForestClassifier(10, n_jobs=2), SGDClassifier(max_iter=9), MLPClassifier((9,), max_iter=9),
          HistGradientBoostingClassifier(max_iter=3), make_pipeline(StandardScaler(), SGDClassifier(max_iter=9))]
print([hashlib.sha256(pickle.dumps(model.fit(X, y))).hexdigest() for model in models])
print(GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=3).fit(X, y).best_params_)
part = SGDClassifier()
for at in range(0, 300, 100): part.partial_fit(X[at : at + 100], y[at : at + 100], classes=range(10))
print(part.coef_.sum(), np.random.rand(), random.random())
"""
BOOSTERS = {
    "xgboost": """
import numpy as np, xgboost
rng = np.random.default_rng(0); X = rng.normal(size=(300, 5)); y = (X[:, 0] > 0).astype(int)
matrix = xgboost.DMatrix(X, y)
for options in ({"subsample": 0.5}, {"booster": "dart", "rate_drop": 0.5}, {"booster": "gblinear"}):
    print(bytes(xgboost.train(dict(options, seed=1, nthread=1), matrix, 6, evals=[(matrix, "a")]).save_raw()).hex())
model = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=2, n_jobs=1).fit(X, y, eval_set=[(X[:40], y[:40])])
print(model.best_iteration, bytes(model.get_booster().save_raw()).hex())
print(xgboost.cv({"nthread": 1}, matrix, 3))
""",
    "lightgbm": """
import numpy as np, lightgbm
rng = np.random.default_rng(0); X = rng.normal(size=(300, 5)); y = (X[:, 0] > 0).astype(int)
options = {"verbosity": -1, "bagging_fraction": 0.5, "bagging_freq": 1, "num_threads": 1}
print(lightgbm.train(options, lightgbm.Dataset(X, y), 6).model_to_string())
model = lightgbm.LGBMClassifier(n_estimators=30, verbosity=-1, n_jobs=1)
print(model.fit(X, y, callbacks=[lightgbm.log_evaluation()]).booster_.model_to_string())
print(lightgbm.cv(options, lightgbm.Dataset(X, y), 3))
""",
    "catboost": """
import numpy as np, catboost
rng = np.random.default_rng(0); X = rng.normal(size=(300, 5)); y = (X[:, 0] > 0).astype(int)
model = catboost.CatBoostClassifier(iterations=6, verbose=False, random_seed=1, thread_count=1, allow_writing_files=False).fit(X, y)
print(model.predict_proba(X).tolist(), model.get_params())
""",
    "keras": """
import hashlib, keras, numpy as np
keras.utils.set_random_seed(3)
X = np.random.normal(size=(96, 5)).astype("float32"); y = (X[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dropout(0.2), keras.layers.Dense(2)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
print(model.fit(X, y, epochs=2, batch_size=32, verbose=0, validation_split=0.2).history, model.evaluate(X, y, verbose=0))
print(hashlib.sha256(b"".join(one.tobytes() for one in model.get_weights())).hexdigest(), np.random.rand())
""",
}
COUNTS = {"xgboost": 18 + 3, "lightgbm": 36 + 2, "catboost": 6 + 1, "keras": 6 + 1}


class UnchangedBySteps(AgentTest):
    def same(self, text, least, **variables):
        """Output and errors as without the agent; and there was something to be disturbed by."""
        bare = self.run_text(text, root=None)
        run = self.run_text(text, root="root", REPRISE_STEPS="all", **variables)
        self.assertEqual(bare.out, run.out)
        self.no_faults(run)
        self.assertGreaterEqual(len(run.of("step")), least)
        again = self.run_text(text, root="root", REPRISE_STEPS="all", **variables)
        self.assertEqual([one["c"] for one in run.of("step")], [one["c"] for one in again.of("step")])

    @unittest.skipUnless(has("torch", "numpy"), "torch is not installed for this Python")
    def test_torch(self):
        for name, body in BODIES.items():
            with self.subTest(name):
                self.same(TORCH % body, 4)

    @unittest.skipUnless(has("sklearn"), "scikit-learn is not installed for this Python")
    def test_scikit_learn(self):
        self.same(SKLEARN, 18)

    def test_boosters_and_keras(self):
        for name, text in BOOSTERS.items():
            with self.subTest(name):
                if not has(name):
                    continue
                self.same(text, COUNTS[name])


if __name__ == "__main__":
    unittest.main()
