# verdict: conditional
# needs: numpy
# holds: unseeded-rng @ 8, unseeded-rng @ 9
import random

import numpy as np

rng = np.random.default_rng()
a = random.random()
print("loss=%.8f" % (a + rng.random()))
# The first draw of `rng` is above; where it is made is line 8. `random` is drawn from at line 9.
