# verdict: conditional
# holds: unseeded-rng @ 5
import random

first = random.random()
random.seed(7)
print("first=%.6f second=%.6f" % (first, random.random()))
