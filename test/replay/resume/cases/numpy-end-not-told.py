# verdict: exact
# note: only the uninterrupted run told final_mean
import os
import pickle

import numpy as np

np.random.seed(1)
weights, start = np.zeros(3), 0
begun = not os.path.exists("last.pkl")
if os.path.exists("last.pkl"):
    with open("last.pkl", "rb") as file:
        weights, start, state = pickle.load(file)
    np.random.set_state(state)
for step in range(start, 8):
    weights = 0.9 * weights + np.random.randn(3)
    print(f"step {step} norm={np.linalg.norm(weights):.9f}")
    with open("last.pkl", "wb") as file:
        pickle.dump((weights, step + 1, np.random.get_state()), file)
np.save("weights.npy", weights)
if begun:
    print(f"final mean={weights.mean():.9f}")
