# verdict: differs
# lost: generator rng.numpy proved
import os
import pickle

import numpy as np

np.random.seed(1)
weights, start = np.zeros(3), 0
if os.path.exists("last.pkl"):
    with open("last.pkl", "rb") as file:
        weights, start = pickle.load(file)
for step in range(start, 8):
    weights = 0.9 * weights + np.random.randn(3)
    print(f"step {step} norm={np.linalg.norm(weights):.9f}")
    with open("last.pkl", "wb") as file:
        pickle.dump((weights, step + 1), file)
np.save("weights.npy", weights)
