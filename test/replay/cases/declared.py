# verdict: reproduced
# seed: 42
# needs: numpy
import random

import numpy as np

print("loss=%.8f" % (random.random() + np.random.default_rng().random() + np.random.rand()))
print("order:", " ".join({"alpha", "beta", "gamma", "delta", "epsilon"}))
