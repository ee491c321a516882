"""PyTorch: the switches of the policy, set once torch is imported and read again while it trains."""
import sys

from . import ending, policy
from .sink import fault
from .standin import like

_getframe = sys._getframe
_EVERY = 100  # optimizer steps between two looks
_flags = []


class Switch:
    """One switch of torch: how it is read and set, and which value the policy wants."""

    def __init__(self, lever, name, read, wanted, write, shown=None):
        self.lever, self.name, self.read, self.wanted, self.write = lever, name, read, wanted, write
        self.shown = shown or "%s = %r" % (name, wanted)
        self.astray = False

    def hold(self):
        try:
            if self.read() != self.wanted:
                self.write(self.wanted)
            _flags.append(self)
            policy.tell(self.lever, self.shown)
        except Exception as error:
            policy.tell(self.lever, self.shown, "failed", "%s: %s" % (type(error).__name__, error))

    def look(self, frame):
        """A switch that was set back is told once, until it is as wanted again."""
        astray = self.read() != self.wanted
        if astray and not self.astray:
            policy.violation("flipped", self.lever, self.name, frame)
        self.astray = astray


def look(frame=None):
    for flag in _flags:
        try:
            flag.look(frame)
        except Exception as error:
            fault("read " + flag.name, error)


def _watched(original):
    """A setter after which every switch is looked at; its caller is the place."""

    def set_and_look(*args, **kwargs):
        result = original(*args, **kwargs)
        look(_getframe(1))
        return result

    return like(set_and_look, original)


def _step(*unused):
    _step.count += 1
    if _step.count % _EVERY == 0:
        look()
        operators = sys.modules.get(__package__ + ".policy_operators")
        if operators is not None:
            operators.put_first()


_step.count = 0


def _algorithms(C):
    """On, and no more lenient than asked: who asks for errors under `warn` gets them."""
    if not C._get_deterministic_algorithms():
        return False
    return not (policy.strict and C._get_deterministic_algorithms_warn_only())


def _switches(torch):
    C = torch._C
    # Not torch.use_deterministic_algorithms, which imports the compiler's settings for one more switch:
    # that one follows TORCHINDUCTOR_DETERMINISTIC.
    yield Switch(
        "torch-algorithms", "torch.use_deterministic_algorithms", lambda: _algorithms(C), True,
        lambda value: C._set_deterministic_algorithms(True, warn_only=not policy.strict),
        "torch.use_deterministic_algorithms(True%s)" % ("" if policy.strict else ", warn_only=True"),
    )  # fmt: skip
    fill = policy.on("torch-fill")
    if fill or policy.on("torch-algorithms"):
        yield Switch(
            "torch-fill", "torch.utils.deterministic.fill_uninitialized_memory",
            lambda: C._get_deterministic_fill_uninitialized_memory(), fill,
            lambda value: C._set_deterministic_fill_uninitialized_memory(value),
        )  # fmt: skip
    for name, value in (("benchmark", False), ("deterministic", True)):
        yield Switch(
            "cudnn", "torch.backends.cudnn." + name, getattr(C, "_get_cudnn_" + name), value, getattr(C, "_set_cudnn_" + name)
        )
    for name, read, write, parts in (
        ("torch.backends.cudnn.allow_tf32", C._get_cudnn_allow_tf32, C._set_cudnn_allow_tf32, ("conv", "rnn")),
        ("torch.backends.cuda.matmul.allow_tf32", C._get_cublas_allow_tf32, C._set_cublas_allow_tf32, ("matmul",)),
    ):
        yield Switch("tf32", name, _allows_tf32(C, read, parts), False, write)


def _allows_tf32(C, read, parts):
    """The newer switches of the parts decide; where they say nothing, the older one, which raises when both are mixed."""
    part_of = getattr(C, "_get_fp32_precision_getter", None)

    def allowed():
        said = [part_of("cuda", part) for part in parts] if part_of is not None else []
        return "tf32" in said or "none" in said and read() if said else read()

    return allowed


def _watch_setters(torch):
    for name in ("use_deterministic_algorithms", "set_deterministic_debug_mode", "set_float32_matmul_precision"):
        setattr(torch, name, _watched(getattr(torch, name)))
    cudnn = torch.backends.cudnn
    for prop in vars(type(cudnn)).values():
        if callable(getattr(prop, "setter", None)) and hasattr(prop, "getter"):
            prop.setter = _at_caller(prop.setter)
    module = getattr(cudnn, "m", None)
    if hasattr(module, "set_flags"):
        module.set_flags = _watched(module.set_flags)
    matmul = type(torch.backends.cuda.matmul)
    matmul.__setattr__ = _watched(matmul.__setattr__)
    if hasattr(torch._C, "_set_fp32_precision_setter"):
        torch._C._set_fp32_precision_setter = _watched(torch._C._set_fp32_precision_setter)
    deterministic = sys.modules.get("torch.utils.deterministic")
    if deterministic is not None:
        fill = vars(type(deterministic))["fill_uninitialized_memory"]
        type(deterministic).fill_uninitialized_memory = property(fill.fget, _watched(fill.fset), doc=fill.__doc__)


def _at_caller(original):
    """Setters behind torch's own descriptors are builtins: they are called with the value alone."""

    def set_and_look(value):
        result = original(value)
        look(_getframe(1))
        return result

    return set_and_look


def _watch_epochs(module):
    """A loader is gone through once an epoch."""
    original = module.DataLoader.__iter__

    def __iter__(self):
        look()
        return original(self)

    module.DataLoader.__iter__ = like(__iter__, original)


def _watch_steps(module):
    register = getattr(module, "register_optimizer_step_post_hook", None)
    if register is not None:
        register(_step)


def patch(torch):
    for switch in _switches(torch):
        if policy.on(switch.lever) or switch.lever == "torch-fill":
            switch.hold()
    for function, target in (
        (_watch_setters, torch),
        (_watch_epochs, sys.modules["torch.utils.data"]),
        (_watch_steps, sys.modules["torch.optim.optimizer"]),
    ):
        try:
            function(target)
        except Exception as error:
            fault("policy of torch", error)
    ending.last.append(look)
