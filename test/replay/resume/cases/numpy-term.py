# verdict: exact
# signal: TERM
import os
import pickle
import random
import signal
import sys

random.seed(1)
value, start = 0.0, 0
if os.path.exists("last.pkl"):
    with open("last.pkl", "rb") as file:
        value, start, state = pickle.load(file)
    random.setstate(state)
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(True))
for step in range(start, 8):
    value = 0.9 * value + random.gauss(0, 1)
    print(f"step {step} value={value:.9f}")
    if told or step == 7 or step % 3 == 2:
        with open("last.pkl", "wb") as file:
            pickle.dump((value, step + 1, random.getstate()), file)
    if told:
        sys.exit(143)
