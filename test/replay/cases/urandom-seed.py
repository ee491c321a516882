# verdict: conditional
# holds: os-entropy @ 6
import os
import random

random.seed(os.urandom(8))
print("loss=%.6f" % random.random())
