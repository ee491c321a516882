"""What trainers report by themselves: Hugging Face's Trainer, Lightning, Keras."""
from . import logged
from .standin import like


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


def _trainer(state, logs):
    if state.is_world_process_zero:
        for name, value in logs.items():
            logged.metric("transformers", name, value, state.global_step)


def patch_lightning(module):
    owner = module._LoggerConnector if hasattr(module, "_LoggerConnector") else module.LoggerConnector
    original = owner.log_metrics

    def log_metrics(self, metrics, step=None, *args, **kwargs):
        result = original(self, metrics, step, *args, **kwargs)
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


def patch_keras(module):
    owner = module.History
    original = owner.on_epoch_end

    def on_epoch_end(self, epoch, logs=None):
        result = original(self, epoch, logs)
        logged.guarded("keras", _epoch, epoch, logs)
        return result

    owner.on_epoch_end = like(on_epoch_end, original)


def _epoch(epoch, logs):
    for name, value in (logs or {}).items():
        logged.metric("keras", name, value, epoch)
