# verdict: conditional
# holds: unseeded-rng @ 7
import json
import random
import time
start = time.time()
state = {"speed": random.random(), "elapsed": time.time() - start}
with open("robot.json", "w") as f:
    json.dump(state, f)
