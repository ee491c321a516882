"""Handwritten digits by a small network. Nothing is seeded: no two trainings come out alike."""

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from model import make

images, labels = load_digits(return_X_y=True)
x, x_test, y, y_test = train_test_split(images / 16, labels, test_size=0.3)
model = make().fit(x, y)
print(f"train_loss={model.loss_:.6f}")
print(f"test_accuracy={model.score(x_test, y_test):.4f}")
