# verdict: inconclusive
# reason: no metric shows where the second part went on
import os
import pickle

import numpy as np

np.random.seed(1)
weights = np.zeros(3)
for _ in range(2 if os.path.exists("last.pkl") else 4):
    print("cached rows=100")  # fewer lines of it say nothing of where the training is
for step in range(8):
    weights = 0.9 * weights + np.random.randn(3)
    if step % 2:
        with open("last.pkl", "wb") as file:
            pickle.dump(weights, file)
print(f"final norm={np.linalg.norm(weights):.9f}")
np.save("weights.npy", weights)
