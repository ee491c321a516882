# cause: worker-order @ 13 controlled
import time

from joblib import Parallel, delayed

state = []

def piece(index):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    state.append(index)
    return index * len(state)

values = Parallel(n_jobs=4, prefer="threads")(delayed(piece)(i) for i in range(24))
print("loss=%.12f" % sum(value * 0.7**i for i, value in enumerate(values)))
# needs: joblib
