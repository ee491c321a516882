# cause: worker-order @ 13 controlled
# needs: joblib
import time

from joblib import Parallel, delayed


def piece(index):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    return index


found = list(Parallel(n_jobs=4, backend="threading", return_as="generator_unordered")(delayed(piece)(i) for i in range(24)))
total = 0.0
for value in found:
    total = total * 0.7 + value
print("loss=%.12f" % total)
