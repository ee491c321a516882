# verdict: conditional
# holds: wall-clock @ 6
import random
import time

random.seed(time.time_ns())
print("loss=%.6f" % random.random())
