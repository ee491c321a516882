# verdict: reproduced
import sys
import time

for i in range(5):
    t = time.time()
    time.sleep(0.003)
    sys.stderr.write("\r%3d%%|%s| %d/5 [00:00<00:00, %.2fit/s, loss=%.3f]" % (20 * (i + 1), "#" * i, i + 1, 1 / (time.time() - t), 1 / (i + 1)))
    sys.stderr.flush()
print("\nepoch 1 loss=0.2 (%.2f ms/batch)" % ((time.time() - t) * 1000))
