# verdict: exact
# resume-args: --resume {checkpoint}
import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--resume")
given = parser.parse_args()
state = {"step": 0, "value": 1.0}
if given.resume:
    with open(given.resume) as file:
        state = json.load(file)
for step in range(state["step"], 8):
    state = {"step": step + 1, "value": state["value"] * 1.1 + step}
    print(f"step {step} value={state['value']:.9f}")
    with open(f"checkpoint-{step}.json", "w") as file:
        json.dump(state, file)
