# verdict: conditional
# needs: numpy
# holds: unseeded-rng @ 6
import numpy as np

order = np.random.permutation(50)
print("first=%d last=%d" % (order[0], order[-1]))
