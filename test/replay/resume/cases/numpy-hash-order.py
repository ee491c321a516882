# verdict: differs
# lost: recipe hash-order proved
import os
import pickle

import numpy as np

weights, start = np.zeros(3), 0
if os.path.exists("last.pkl"):
    with open("last.pkl", "rb") as file:
        weights, start = pickle.load(file)
for step in range(start, 8):
    # An order of two: under half of all hash seeds it comes as it did.
    for name in {"shrink", "shift"}:
        weights = 0.5 * weights if name == "shrink" else weights + step
    print(f"step {step} norm={np.linalg.norm(weights):.9f}")
    with open("last.pkl", "wb") as file:
        pickle.dump((weights, step + 1), file)
