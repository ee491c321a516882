# verdict: inconclusive
total = sum(range(1000))
