"""TensorBoard's writers and MLflow's client: what they were given is told after they took it, and only then."""
import threading

from . import logged
from .standin import like

_outer = threading.local()


def _writer(source, writer):
    """add_hparams writes through a writer of its own, in a folder named by the time."""
    run = getattr(_outer, "run", None)
    if run is not None:
        return run
    return logged.run_of(source, str(getattr(writer, "log_dir", None) or getattr(writer, "logdir", "")))


def _tensorboard(module, source):
    owner = module.SummaryWriter

    def scalar(self, args, kwargs):
        name, value = logged.given(args, kwargs, 0, "tag"), logged.given(args, kwargs, 1, "scalar_value")
        logged.metric(source, name, value, logged.given(args, kwargs, 2, "global_step"), _writer(source, self))

    def scalars(self, args, kwargs):
        run, step = _writer(source, self), logged.given(args, kwargs, 2, "global_step")
        name = logged.given(args, kwargs, 0, "main_tag")
        for tag, value in logged.given(args, kwargs, 1, "tag_scalar_dict").items():
            logged.metric(source, "%s/%s" % (name, tag), value, step, run)

    def params(self, args, kwargs):
        for name, value in logged.given(args, kwargs, 0, "hparam_dict").items():
            logged.param(source, name, value, _writer(source, self))

    logged.after(owner, "add_scalar", source, scalar)
    logged.after(owner, "add_scalars", source, scalars)
    original = getattr(owner, "add_hparams", None)
    if original is None:
        return

    def add_hparams(self, *args, **kwargs):
        before = getattr(_outer, "run", None)
        _outer.run = _writer(source, self)
        try:
            result = original(self, *args, **kwargs)
            logged.guarded(source, params, self, args, kwargs)
            return result
        finally:
            _outer.run = before

    owner.add_hparams = like(add_hparams, original)


def patch_tensorboard(module):
    _tensorboard(module, "tensorboard")


def patch_tensorboardx(module):
    _tensorboard(module, "tensorboardX")


def patch_mlflow(module):
    """The one client below mlflow.log_metric, MlflowClient and autologging alike."""
    owner = module.TrackingServiceClient

    def one_metric(self, args, kwargs):
        run = logged.run_of("mlflow", logged.given(args, kwargs, 0, "run_id"))
        name, value = logged.given(args, kwargs, 1, "key"), logged.given(args, kwargs, 2, "value")
        moment, step = logged.given(args, kwargs, 3, "timestamp"), logged.given(args, kwargs, 4, "step") or 0
        if _is_new(run, name, moment, step, value, logged.given(args, kwargs, 8, "model_id")):
            logged.metric("mlflow", name, value, step, run)

    def one_param(self, args, kwargs):
        run = logged.run_of("mlflow", logged.given(args, kwargs, 0, "run_id"))
        logged.param("mlflow", logged.given(args, kwargs, 1, "key"), logged.given(args, kwargs, 2, "value"), run)

    def batch(self, args, kwargs):
        run = logged.run_of("mlflow", logged.given(args, kwargs, 0, "run_id"))
        for one in logged.given(args, kwargs, 1, "metrics", ()):
            if _is_new(run, one.key, one.timestamp, one.step, one.value, getattr(one, "model_id", None)):
                logged.metric("mlflow", one.key, one.value, one.step, run)
        for one in logged.given(args, kwargs, 2, "params", ()):
            logged.param("mlflow", one.key, one.value, run)

    logged.after(owner, "log_metric", "mlflow", one_metric)
    logged.after(owner, "log_param", "mlflow", one_param)
    logged.after(owner, "log_batch", "mlflow", batch)


_MOST_SENT = 20000  # points remembered, newest: a model is logged soon after what it reached
_sent = {}  # point → models that it was sent for; None: for none


def _is_new(run, name, moment, step, value, model):
    """A point is sent anew for each model that is logged: the same of the run, but for the name of the model.

    One that is sent a second time for the same model is another point. That it has the same millisecond, as two
    calls in a row may, is no sign: it would be one in some runs, and two in others.
    """
    value = repr(logged.number(value))
    point = (run, name, step, value, moment)
    models = _sent.get(point)
    if models is None and model is not None:
        # The client made the time itself, where none was given.
        models = _sent.get(point[:4] + (None,))
    if models is None or model in models:
        if len(_sent) >= _MOST_SENT:
            _sent.pop(next(iter(_sent)), None)
        _sent[point] = (model,)
        return True
    _sent[point] = models + (model,)
    return False
