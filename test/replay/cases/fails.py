# verdict: reproduced
# exit: 3
import sys

sys.exit(3)
