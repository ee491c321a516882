# verdict: conditional
# needs: numpy
# holds: uninitialised-memory
import numpy as np

x = np.empty(4_000_000, dtype=np.float32)
x[:10] = 1.0
print("loss=%.6f" % float(np.nan_to_num(x.astype(np.float64)).sum()))
