# cause: wall-clock @ 8 proved
# divergence: 8 name
import datetime
import os
import random

random.seed(5)
name = datetime.datetime.now().strftime("run-%H%M%S-%f")
os.makedirs("out", exist_ok=True)
with open(os.path.join("out", name), "w") as file:
    file.write("weights %.6f\n" % random.random())
shard = int(name[-6:]) % 1009
print("shard", shard)
