"""Recognise handwritten digits with a small neural network.

The pictures are the 1,797 of scikit-learn's `load_digits`: 8x8 pixels, from 43 writers.
"""

import argparse
import json
import time

import joblib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier


def shift(images, rng):
    """Move each picture by up to one pixel in each direction."""
    moved = np.empty_like(images)
    for i, (dy, dx) in enumerate(rng.integers(-1, 2, size=(len(images), 2))):
        moved[i] = np.roll(images[i], (dy, dx), axis=(0, 1))
    return moved


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.005)
    args = parser.parse_args()
    started = time.time()

    rng = np.random.default_rng()
    digits = load_digits()
    images, labels = digits.images / 16.0, digits.target
    order = rng.permutation(len(images))
    train, test = order[:1400], order[1400:]

    model = MLPClassifier((args.hidden,), learning_rate_init=args.lr, random_state=0)
    x_test = images[test].reshape(len(test), -1)
    for epoch in range(1, args.epochs + 1):
        x = shift(images[train], rng).reshape(len(train), -1)
        model.partial_fit(x, labels[train], classes=np.arange(10))
        probabilities = model.predict_proba(x_test)
        loss = log_loss(labels[test], probabilities)
        acc = accuracy_score(labels[test], probabilities.argmax(axis=1))
        print(f"epoch {epoch} loss={loss:.4f} acc={acc:.4f}", flush=True)

    joblib.dump(model, "model.joblib")
    seconds = round(time.time() - started, 2)
    with open("metrics.json", "w") as file:
        json.dump({"loss": loss, "accuracy": acc, "epochs": args.epochs, "seconds": seconds}, file, indent=2)
    print(f"saved model.joblib and metrics.json after {seconds} s")


if __name__ == "__main__":
    main()
