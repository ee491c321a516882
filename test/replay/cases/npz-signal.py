# verdict: conditional
# needs: numpy
# holds: unseeded-rng @ 6
import numpy as np

np.savez("model.npz", w=np.random.default_rng().normal(size=3))
print("saved")
