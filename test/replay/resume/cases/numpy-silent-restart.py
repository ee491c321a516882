# verdict: inconclusive
# reason: no metric shows where the second part went on
import pickle

import numpy as np

np.random.seed(1)
weights = np.zeros(3)
for step in range(8):
    weights = 0.9 * weights + np.random.randn(3)
    print(f"step {step} norm={np.linalg.norm(weights):.9f}")
    with open("last.pkl", "wb") as file:
        pickle.dump((weights, step + 1), file)
np.save("weights.npy", weights)
