# verdict: inconclusive
# ignored: run.log
import subprocess

# A writer that no hook sees appends to a file that git ignores: what it held before is not kept.
subprocess.run(["sh", "-c", "wc -l < run.log >> run.log; cat run.log"], check=True)
