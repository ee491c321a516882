"""Comet, Sacred, TensorFlow's summaries, and what progress bars of tqdm are given to show."""
from weakref import WeakKeyDictionary

from . import logged
from .standin import like


def patch_comet(module):
    owner = module.CometExperiment

    def metric(self, args, kwargs):
        name, value = logged.given(args, kwargs, 0, "name"), logged.given(args, kwargs, 1, "value")
        if self.alive and value is not None:
            name = self._fullname(str(name), logged.given(args, kwargs, 4, "include_context", True))
            logged.metric("comet", name, value, self.curr_step, logged.run_of("comet", self.id))

    def param(self, args, kwargs):
        if self.alive:
            name, value = logged.given(args, kwargs, 0, "name"), logged.given(args, kwargs, 1, "value")
            logged.param("comet", name, value, logged.run_of("comet", self.id))

    logged.after(owner, "_log_metric", "comet", metric)
    logged.after(owner, "_log_parameter", "comet", param)


_sacred = WeakKeyDictionary()


def _sacred_run(metrics):
    if metrics not in _sacred:
        _sacred[metrics] = logged.fit_of("sacred")
    return _sacred[metrics]


def patch_sacred(module):
    """One logger below Run.log_scalar and _run.metrics."""

    def metric(self, args, kwargs):
        name = logged.given(args, kwargs, 0, "metric_name")
        value = logged.given(args, kwargs, 1, "value")
        logged.metric("sacred", name, value, self._metric_step_counter.get(name), _sacred_run(self))

    logged.after(module.MetricsLogger, "log_scalar_metric", "sacred", metric)


def patch_sacred_run(module):
    def config(self, args, kwargs):
        for name, value in logged.flat(self.config):
            logged.param("sacred", name, value, _sacred_run(self._metrics))

    logged.after(module.Run, "_emit_started", "sacred", config)


_writers = WeakKeyDictionary()


def _tensorflow(name, data, step, written):
    """Inside of a tf.function there are no numbers yet: nothing is told, and the file has them."""
    if not hasattr(written, "numpy") and written is not True or not bool(written):
        return
    import tensorflow as tf
    from tensorflow.python.ops import summary_ops_v2

    writer = summary_ops_v2._summary_state.writer
    if writer not in _writers:
        _writers[writer] = logged.fit_of("tensorflow")
    if step is None:
        step = tf.summary.experimental.get_step()
    scope = tf.get_current_name_scope() if hasattr(tf, "get_current_name_scope") else ""
    logged.metric("tensorflow", "%s/%s" % (scope, name) if scope else name, data, step, _writers[writer])


def patch_tensorflow(module):
    """What tf.summary.scalar is: also the TensorBoard callback of Keras."""
    original = module.scalar

    def scalar(name, data, step=None, *args, **kwargs):
        written = original(name, data, step, *args, **kwargs)
        logged.guarded("tensorflow", _tensorflow, name, data, step, written)
        return written

    module.scalar = like(scalar, original)


def _shown(value):
    """A number, also one that the program has made a text of."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value


_COUNTER = "v_num"  # how many-th folder of Lightning's logs: none of the training's


def patch_tqdm(module):
    def postfix(self, args, kwargs):
        shown = dict(logged.given(args, kwargs, 0, "ordered_dict") or {})
        shown.update((name, value) for name, value in kwargs.items() if name not in ("ordered_dict", "refresh"))
        shown.pop(_COUNTER, None)
        for name, value in shown.items():
            logged.metric("tqdm", name, _shown(value), self.n)

    logged.after(module.tqdm, "set_postfix", "tqdm", postfix)
