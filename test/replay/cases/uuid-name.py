# verdict: reproduced
import os
import uuid

os.makedirs("runs", exist_ok=True)
with open(os.path.join("runs", f"run-{uuid.uuid4()}.json"), "w") as f:
    f.write('{"loss": 0.25}')
print("loss=0.25")
