# verdict: conditional
# needs: sklearn
# holds: unseeded-rng @ 8
from sklearn.datasets import load_iris
from sklearn.linear_model import SGDClassifier

x, y = load_iris(return_X_y=True)
model = SGDClassifier(max_iter=5, tol=None).fit(x, y)
print("coef=%.8f" % abs(model.coef_).sum())
