# verdict: conditional
# holds: unseeded-rng @ 1
import subprocess
import sys

print(subprocess.run([sys.executable, "-c", "import random; print(random.random())"], capture_output=True, text=True).stdout)
