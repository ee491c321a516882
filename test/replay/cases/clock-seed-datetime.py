# verdict: conditional
# holds: wall-clock @ 6
import random
from datetime import datetime

random.seed(datetime.now().timestamp())
print("loss=%.6f" % random.random())
