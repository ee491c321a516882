# cause: worker-order @ 12 controlled
# cause: unseeded-rng @ 15 proved
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

def piece(index):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    return index

with ThreadPoolExecutor(8) as pool:
    order = [done.result() for done in as_completed([pool.submit(piece, i) for i in range(24)])]
total = 0.0
for index in order:
    total = total * 0.7 + index * random.Random().random()
print("loss=%.12f" % total)
