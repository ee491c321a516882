# verdict: conditional
# exit: 1
# holds: unseeded-rng @ 6
import random

x = random.random()
raise ValueError("loss is %r" % x)
