# verdict: conditional
# needs: numpy
# holds: unseeded-rng @ 6
import numpy as np

state = np.random.RandomState()
print("acc=%.6f" % state.uniform())
