# verdict: conditional
# holds: os-entropy @ 6
import random
import uuid

random.seed(uuid.uuid4().int)
print("loss=%.6f" % random.random())
