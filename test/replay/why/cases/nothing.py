import random
import time

random.seed(3)
started = time.time()
print("loss=%.12f" % random.random())
print("took %.3f s" % (time.time() - started))
