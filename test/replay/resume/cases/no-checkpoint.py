# verdict: inconclusive
# reason: no checkpoint was seen to be written
value = 1.0
for step in range(8):
    value = value * 1.1 + step
    print(f"step {step} value={value:.9f}")
