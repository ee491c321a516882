# cause: unseeded-rng @ 9 proved
# divergence: 9 train
# needs: sklearn
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

rows = np.random.RandomState(0).normal(size=(80, 3))
train, test, a, b = train_test_split(rows, rows[:, 0] > 0.1)
model = LogisticRegression(random_state=0).fit(train, a)
print("score=%.9f" % model.decision_function(test).sum())
