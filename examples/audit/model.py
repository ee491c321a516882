"""The model, apart from its training."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)


def make():
    return MLPClassifier(
        hidden_layer_sizes=(32,),
        learning_rate_init=0.01,
        max_iter=12,
    )
