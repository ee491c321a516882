# cause: unseeded-rng @ 4 proved
import numpy as np

noise = np.random.default_rng().normal(size=8)
print("loss=%.12f" % noise.sum())
# needs: numpy
