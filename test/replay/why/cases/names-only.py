# A name by date, an id and a duration that no result depends on.
import datetime
import os
import random
import time
import uuid

begun = time.time()
random.seed(5)
os.makedirs("out", exist_ok=True)
with open(os.path.join("out", datetime.datetime.now().strftime("run-%Y%m%d-%H%M%S")), "w") as file:
    file.write("%s %.6f\n" % (uuid.uuid4(), random.random()))
print("took %.3f s" % (time.time() - begun))
print("loss=%.6f" % random.random())
