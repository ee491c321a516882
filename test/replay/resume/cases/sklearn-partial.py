# verdict: exact
import os

import joblib
import numpy as np
from sklearn.linear_model import SGDClassifier

x = np.random.RandomState(0).randn(80, 3)
y = np.random.RandomState(1).randint(2, size=80)
model, start = SGDClassifier(random_state=0), 0
if os.path.exists("model.joblib"):
    model, start = joblib.load("model.joblib")
for part in range(start, 8):
    model.partial_fit(x[part * 10 : part * 10 + 10], y[part * 10 : part * 10 + 10], classes=[0, 1])
    print(f"part {part} score={model.score(x, y):.6f}")
    joblib.dump((model, part + 1), "model.joblib")
