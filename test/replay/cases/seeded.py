# verdict: reproduced
# needs: numpy
import random

import numpy as np

random.seed(1)
np.random.seed(2)
rng = np.random.default_rng(3)
np.save("w.npy", rng.normal(size=5))
print("loss=%.8f" % (random.random() + rng.random() + np.random.rand()))
