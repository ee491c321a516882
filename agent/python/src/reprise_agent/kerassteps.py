"""Steps of Keras 3 (and of tf.keras, which is Keras 3 by now): a callback of ours at the end of the list in Model.fit."""
import sys

from . import channels, sampling, steps
from .sink import fault
from .standin import like

_getframe = sys._getframe


def _value(variable):
    """What a variable holds: torch's tensor as it is, TensorFlow's as NumPy's."""
    value = getattr(variable, "value", variable)
    value = value() if callable(value) else value
    if hasattr(value, "numpy") and not type(value).__module__.startswith("torch"):
        return value.numpy()
    return value


def _state(found, model):
    optimizer = model.optimizer
    for name, variables in (
        ("parameters", model.trainable_variables),
        ("buffers", model.non_trainable_variables),  # running means, and the states of Dropout's generators
        ("optimizer", getattr(optimizer, "variables", ())),
    ):
        if variables:  # a model that is not built yet has none
            channels.put(found, name, [_value(one) for one in variables])
    rate = getattr(optimizer, "learning_rate", None)
    if rate is not None:
        channels.put(found, "lr", _value(rate))


def patch(module):
    original = module.CallbackList.__init__
    backend, on_torch = sys.modules["keras.src.backend"].backend(), None
    if backend == "torch":
        from . import torchsteps as on_torch

    readable = backend != "jax"  # that keeps the variables apart until the epoch ends: what could be read would be old

    class Steps(module.Callback):
        def _guarded(self, function, *args):
            started = sampling.clock()
            try:
                function(started, _getframe(2), *args)
            except Exception as error:
                fault("keras", error)

        def on_train_begin(self, logs=None):
            self._guarded(self._begin)

        def on_train_batch_end(self, batch, logs=None):
            self._guarded(self._step, logs)

        def _begin(self, started, frame):
            one, new = steps.stream(self.model, "keras")
            if new:
                found = {}
                if one.looking and readable:
                    _state(found, self.model)
                steps.before(one, channels.passed(frame), found)
            steps.rate.spent += sampling.clock() - started

        def _step(self, started, frame, logs):
            one, _ = steps.stream(self.model, "keras")
            at, found = channels.passed(frame), None
            if one.looking:
                found = {}
                if readable:
                    _state(found, self.model)
                if on_torch is not None:
                    on_torch.inputs(found)
                if logs and "loss" not in found:
                    channels.put(found, "loss", {name: _value(value) for name, value in logs.items()})
            steps.after(one, at, found)
            steps.paced(one, started)
            if on_torch is not None:
                on_torch.gather()

    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        try:
            model = kwargs.get("model")
            if model is not None and "epochs" in kwargs:
                watch = Steps()
                watch.set_model(model)
                watch.set_params(self.params)
                self.callbacks.append(watch)
                self._async_train = False  # else another thread would look while the next step runs
        except Exception as error:
            fault("keras", error)

    module.CallbackList.__init__ = like(__init__, original)
