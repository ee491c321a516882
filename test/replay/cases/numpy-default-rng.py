# verdict: conditional
# needs: numpy
# holds: unseeded-rng @ 6
import numpy as np

rng = np.random.default_rng()
w = rng.normal(size=8)
np.savez("model.npz", w=w)
print("loss=%.6f" % float((w ** 2).sum()))
