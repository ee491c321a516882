"""Steps of torch's optimizers, whoever calls them: hooks that look and change nothing.

No full backward hooks (they alter gradients), no handles from torch's own counter (their numbers end up in saved models),
and under torch.compile no hook on modules at all (torch warns of it, and would compile it along).
"""
import sys

from . import channels, sampling, steps, tensors
from .sink import fault
from .standin import like

_getframe = sys._getframe
_KEY = -0x5EED
_OPTIONS = ("params", "lr")
_calls = None  # the batch since the last step, None while nobody will ask for it
_loss = []
_inside = [False]  # a backward that autograd itself starts is part of the one that runs
_torch = None
_call_code = _scaler_code = None
_forward_hooks = {}


def gather():
    """After a step: look at what comes in only if the next step is to be told."""
    global _calls, _loss
    if steps.any_due():
        _calls, _loss = channels.Batch(), []
        if _forward_hooks is not None:
            _forward_hooks[_KEY] = _forward
    else:
        _calls, _loss = None, None
        if _forward_hooks is not None:
            _forward_hooks.pop(_KEY, None)


def _busy():
    """Whether tensors are being traced or captured: what we do with them would be recorded along."""
    if _torch._C._get_tracing_state() is not None:
        return True
    cuda = _torch.cuda
    return cuda.is_initialized() and cuda.is_current_stream_capturing()


def _tensors(found, value, depth=0):
    """Tensors that come in from outside: what carries a gradient was computed by another part of the model."""
    if isinstance(value, _torch.Tensor):
        if not value.requires_grad:
            found.append(value)
    elif depth < 4:
        if isinstance(value, dict):
            value = value.values()
        elif not isinstance(value, (list, tuple)):
            return
        for one in value:
            _tensors(found, one, depth + 1)


def _outermost(frame):
    """The frame of the module call that we hang on, if user code made it; None inside another module's call."""
    while frame.f_code is not _call_code:
        frame = frame.f_back
    own, frame = frame, frame.f_back
    while frame is not None:
        if frame.f_code is _call_code or frame.f_code.co_filename.endswith("torch/nn/parallel/parallel_apply.py"):
            return None
        frame = frame.f_back
    return own


def _seen_call(args, frame):
    if _calls is None or not _torch.is_grad_enabled():
        return
    started = sampling.clock()
    own = _outermost(frame)
    if own is not None and not _busy():
        found = []
        _tensors(found, args)
        _tensors(found, own.f_locals.get("kwargs"))
        if found:
            _calls.call(found)
    steps.rate.spent += sampling.clock() - started


def _seen_backward(args, kwargs, frame):
    started = sampling.clock()
    channels.passed(frame)
    if _loss is not None and not _busy():
        found = args[0] if args else kwargs.get("tensors")
        loss = {}
        channels.put(loss, "loss", found if isinstance(found, _torch.Tensor) else list(found))
        _loss.append(loss.get("loss"))
    steps.rate.spent += sampling.clock() - started


def inputs(found):
    """What came in since the last step, and the losses that it gave."""
    if _calls is not None:
        _calls.put(found)
    if _loss and None not in _loss:
        found["loss"] = [part for parts in _loss for part in parts]


def _parameters(optimizer):
    return [one for group in optimizer.param_groups for one in group["params"]]


def _model(found, optimizer, parameters):
    channels.put(found, "parameters", parameters)
    state = optimizer.state
    channels.put(found, "optimizer", [state.get(one) for one in parameters if one in state] if state else [])
    channels.put(found, "lr", [group.get("lr") for group in optimizer.param_groups])
    rest = [{name: value for name, value in group.items() if name not in _OPTIONS} for group in optimizer.param_groups]
    channels.put(found, "options", rest)


def _scaler(found, frame):
    """The gradient scaler, if one made this step: it is found in its own frame."""
    for _ in range(8):
        if frame is None:
            return
        if frame.f_code is _scaler_code:
            scaler = frame.f_locals.get("self")
            if hasattr(scaler, "_scale"):  # one that is switched off has no scale
                channels.put(found, "scaler", scaler._scale, scaler._growth_tracker)
            return
        frame = frame.f_back


def _before(optimizer, args, kwargs, frame):
    started = sampling.clock()
    one, new = steps.stream(optimizer, "torch")
    at = channels.passed(frame)
    one.note = {}
    if _busy():
        return
    parameters = _parameters(optimizer) if one.looking else ()
    if new:
        found = {}
        if one.looking:
            _model(found, optimizer, parameters)
            _scaler(found, frame)
        steps.before(one, at, found)
    closure = args[1] if len(args) > 1 else kwargs.get("closure")
    if one.looking and closure is None:
        channels.put(one.note, "gradients", [item.grad for item in parameters])
    steps.rate.spent += sampling.clock() - started


def _after(optimizer, frame):
    started = sampling.clock()
    one, _ = steps.stream(optimizer, "torch")
    at = channels.place.nearest(frame)
    at = (at[1], None if at[0] is None else at[0].f_lineno)
    found, one.note = one.note, None
    if not one.looking or found is None or _busy():
        found = None
    else:
        parameters = _parameters(optimizer)
        if "gradients" not in found:  # a closure computes them inside the step
            channels.put(found, "gradients", [item.grad for item in parameters])
        _model(found, optimizer, parameters)
        _scaler(found, frame)
        inputs(found)
    steps.after(one, at, found)
    steps.paced(one, started)
    gather()


def _forward(module, args):
    """Placed by _hook, which knows how to ask whether torch compiles."""


def _hook(torch, compiling):
    def forward(module, args):
        if compiling():
            return
        try:
            _seen_call(args, _getframe(1))
        except Exception as error:
            fault("torch forward", error)

    def before(optimizer, args, kwargs):
        if compiling():
            return
        try:
            _before(optimizer, args, kwargs, _getframe(1))
        except Exception as error:
            fault("torch before a step", error)

    def after(optimizer, args, kwargs):
        if compiling():
            return
        try:
            _after(optimizer, _getframe(1))
        except Exception as error:
            fault("torch step", error)

    original = torch.autograd.backward

    def backward(*args, **kwargs):
        if compiling() or _inside[0]:
            return original(*args, **kwargs)
        _inside[0] = True
        try:
            try:
                _seen_backward(args, kwargs, _getframe(1))
            except Exception as error:
                fault("torch backward", error)
            return original(*args, **kwargs)
        finally:
            _inside[0] = False

    return forward, before, after, like(backward, original)


def _loaded(torch):
    """Batches as a DataLoader gives them, for when modules are not to be hooked."""
    module = sys.modules.get("torch.utils.data.dataloader")
    for name in ("_SingleProcessDataLoaderIter", "_MultiProcessingDataLoaderIter"):
        kind = getattr(module, name, None)
        if kind is not None:
            kind._next_data = _loading(kind._next_data)


def _loading(original):
    def _next_data(self):
        data = original(self)
        try:
            found = []
            if _calls is not None:
                _tensors(found, data)
            if found:
                _calls.call(found)
        except Exception as error:
            fault("torch DataLoader", error)
        return data

    return like(_next_data, original)


def _watch_compile(torch):
    original = torch.compile

    def compile(*args, **kwargs):
        global _forward_hooks
        if _forward_hooks is not None:
            _forward_hooks.pop(_KEY, None)
            _forward_hooks = None
            _loaded(torch)
        return original(*args, **kwargs)

    torch.compile = like(compile, original)


def _leave_to_python(torch, *functions):
    """torch.compile would compile what runs between its pieces: not us."""
    try:
        for function in functions:
            torch._C._dynamo.eval_frame.skip_code(function.__code__)
    except AttributeError:
        pass  # before 2.1


def patch(torch):
    global _torch, _forward, _forward_hooks, _call_code, _scaler_code
    _torch = torch
    tensors.use(torch)
    modules, optimizers = sys.modules["torch.nn.modules.module"], sys.modules["torch.optim.optimizer"]
    if not hasattr(optimizers, "_global_optimizer_post_hooks"):
        return fault("steps", "this torch has no hooks for all optimizers (2.0 and later have)")
    compiling = getattr(getattr(torch, "compiler", None), "is_compiling", None) or torch._dynamo.external_utils.is_compiling
    _call_code = modules.Module._call_impl.__code__
    for name in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler"):
        kind = getattr(sys.modules.get(name), "GradScaler", None)
        if kind is not None and _scaler_code is None:
            _scaler_code = kind.step.__code__
    _forward, before, after, backward = _hook(torch, compiling)
    _leave_to_python(torch, _forward, before, after, backward, _seen_call, _seen_backward, _before, _after)
    torch.autograd.backward = backward
    _forward_hooks = modules._global_forward_pre_hooks
    optimizers._global_optimizer_pre_hooks[_KEY] = before
    optimizers._global_optimizer_post_hooks[_KEY] = after
    if hasattr(torch, "compile"):
        _watch_compile(torch)
    gather()
