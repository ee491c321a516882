# cause: uninitialised-memory @ 5 proved
# needs: numpy
import numpy as np

weights = np.empty(50000)
weights[::2] = 1.0
print("loss=%.6e" % weights[1::2].sum())
