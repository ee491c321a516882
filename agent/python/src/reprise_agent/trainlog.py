"""What trainers report by themselves: Hugging Face's Trainer and Accelerate, Lightning, Keras."""
import threading
from weakref import WeakKeyDictionary

from . import logged
from .standin import like

_PLACES = ("logging_dir", "output_dir", "run_name")  # made of the time and the machine's name where not given
_inside = threading.local()


def patch_transformers(module):
    """Every Trainer, also one with a `log` of its own, tells its callbacks here."""
    owner = module.CallbackHandler
    original = owner.on_log

    def on_log(self, args, state, control, logs, *more, **kwargs):
        told = dict(logs) if isinstance(logs, dict) else {}  # callbacks take things out of it
        result = original(self, args, state, control, logs, *more, **kwargs)
        logged.guarded("transformers", _trainer, state, told)
        return result

    owner.on_log = like(on_log, original)
    logged.after(owner, "on_train_begin", "transformers", _arguments)


def _trainer(state, logs):
    if state.is_world_process_zero:
        for name, value in logs.items():
            logged.metric("transformers", name, value, state.global_step)


def _arguments(handler, args, kwargs):
    arguments, state = logged.given(args, kwargs, 0, "args"), logged.given(args, kwargs, 1, "state")
    if state.is_world_process_zero and hasattr(arguments, "to_sanitized_dict"):
        for name, value in arguments.to_sanitized_dict().items():
            if name not in _PLACES:
                logged.param("transformers", name, value)


def patch_accelerate(module):
    """What it gives to its trackers, whichever they are: on the main process."""

    def log(self, args, kwargs):
        if self.trackers and self.is_main_process:
            step = logged.given(args, kwargs, 1, "step")
            for name, value in logged.flat(logged.given(args, kwargs, 0, "values")):
                logged.metric("accelerate", name, value, step)

    def config(self, args, kwargs):
        if self.trackers and self.is_main_process:
            for name, value in logged.flat(logged.given(args, kwargs, 1, "config") or {}):
                logged.param("accelerate", name, value)

    logged.after(module.Accelerator, "log", "accelerate", log)
    logged.after(module.Accelerator, "init_trackers", "accelerate", config)


def patch_lightning(module):
    owner = module._LoggerConnector if hasattr(module, "_LoggerConnector") else module.LoggerConnector
    original = owner.log_metrics

    def log_metrics(self, metrics, step=None, *args, **kwargs):
        _inside.trainer = True
        try:
            result = original(self, metrics, step, *args, **kwargs)
        finally:
            _inside.trainer = False
        logged.guarded("lightning", _lightning, self.trainer, metrics, step)
        return result

    owner.log_metrics = like(log_metrics, original)


def _lightning(trainer, metrics, step):
    """As its loggers were given them; without a logger nobody was."""
    if not metrics or not trainer.loggers or not trainer.is_global_zero:
        return
    metrics = dict(metrics)
    if step is None:
        own = metrics.pop("step", None)
        if own is None:
            metrics.setdefault("epoch", trainer.current_epoch)
            step = trainer.fit_loop.epoch_loop._batches_that_stepped
        else:
            step = int(logged.number(own))
    for name, value in logged.flat(metrics):
        logged.metric("lightning", name, value, step)


def patch_lightning_csv(module):
    """A CSVLogger that the program itself, or Fabric, gives numbers to: what the Trainer gives it is told already."""

    def log_metrics(self, args, kwargs):
        if not getattr(_inside, "trainer", False):
            step = logged.given(args, kwargs, 1, "step")
            for name, value in logged.given(args, kwargs, 0, "metrics").items():
                logged.metric("lightning", name, value, step)

    logged.after(module.CSVLogger, "log_metrics", "lightning", log_metrics)


def patch_lightning_params(module):
    """What save_hyperparameters() has kept goes to the loggers when the fit begins."""
    original = module._log_hyperparams

    def _log_hyperparams(trainer, *args, **kwargs):
        result = original(trainer, *args, **kwargs)
        logged.guarded("lightning", _hyperparameters, trainer)
        return result

    module._log_hyperparams = like(_log_hyperparams, original)


def _hyperparameters(trainer):
    if not trainer.loggers or not trainer.is_global_zero:
        return
    for owner in (trainer.lightning_module, trainer.datamodule):
        if getattr(owner, "_log_hyperparams", False):
            for name, value in logged.flat(dict(owner.hparams_initial)):
                if name != "_class_path":
                    logged.param("lightning", name, value)


_histories = WeakKeyDictionary()  # History → [fit, last epoch]
_models = WeakKeyDictionary()  # model → the same, of its latest fit


def patch_keras(module):
    owner = module.History
    if owner.__module__ != module.__name__:
        return  # only brought in from where it is patched too
    original = owner.on_epoch_end

    def on_epoch_end(self, epoch, logs=None):
        result = original(self, epoch, logs)
        logged.guarded("keras", _epoch, self, epoch, logs)
        return result

    owner.on_epoch_end = like(on_epoch_end, original)


def _epoch(history, epoch, logs):
    fit = _histories.get(history)
    if fit is None or epoch <= fit[1]:
        before = _models.get(history.model)
        # A fit that goes on where the last one of this model ended is the same series.
        fit = before if before is not None and epoch > before[1] else [logged.fit_of("keras"), -1]
        _histories[history] = _models[history.model] = fit
    fit[1] = epoch
    for name, value in (logs or {}).items():
        logged.metric("keras", name, value, epoch, fit[0])
