# cause: unseeded-rng @ 6 proved
import random
import numpy as np

state = random.random()
noise = np.random.default_rng().normal(size=4)
random.seed(3)
print("loss=%.12f" % (noise.sum() + random.random()))
# needs: numpy
