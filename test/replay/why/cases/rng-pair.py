# cause: unseeded-rng @ 6 proved
# cause: unseeded-rng @ 7 proved
import random
import numpy as np

first = np.random.default_rng().normal()
second = random.Random().random()
unused = np.random.default_rng().normal()
print("loss=%.12f" % (first + second))
# needs: numpy
