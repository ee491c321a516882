# cause: os-entropy @ 8 proved
# cause: os-entropy @ 9 proved
import random
import secrets
import uuid


token = secrets.token_hex(4)
run = uuid.uuid4()
random.seed(token)
print("loss=%.12f" % (random.random() + run.int % 9973))
