# verdict: conditional
# holds: unseeded-rng @ 5
import random

rng = random.Random()
print("loss=%.6f" % rng.random())
