# verdict: reproduced
import json
import time

start = time.time()
total = sum(i * i for i in range(20000))
time.sleep(0.01)
with open("metrics.json", "w") as f:
    json.dump({"loss": total / 7.0, "elapsed": time.time() - start, "finished_at": time.strftime("%Y-%m-%d %H:%M:%S")}, f)
print("done in %.3f s" % (time.time() - start))
