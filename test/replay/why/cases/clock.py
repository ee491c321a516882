# cause: wall-clock @ 5 proved
import random
import time

random.seed(time.time_ns())
print("loss=%.12f" % random.random())
