# cause: wall-clock @ 10 proved
# cause: os-entropy @ 11 proved
# cause: unseeded-rng @ 12 proved
# divergence: 10 cut
import os
import random
import time

idle = time.time() - time.time()
cut = time.time_ns() % 997
salt = os.urandom(2).hex()
noise = random.gauss(0, 1)
print("loss=%.12f" % (cut + noise), salt)
