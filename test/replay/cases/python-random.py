# verdict: conditional
# holds: unseeded-rng @ 5
import random

weights = [random.gauss(0, 1) for _ in range(4)]
print("loss=%.6f" % sum(w * w for w in weights))
