# verdict: reproduced
import json
import os
import subprocess
import threading

child = subprocess.Popen(["true"])
child.wait()
ids = []
thread = threading.Thread(target=lambda: ids.append(threading.get_native_id()))
thread.start()
thread.join()
with open("processes.json", "w") as f:
    json.dump({"own": {"pid": os.getpid()}, "parent": {"pid": os.getppid()}, "pid": child.pid, "tid": ids[0], "loss": 0.5}, f)
