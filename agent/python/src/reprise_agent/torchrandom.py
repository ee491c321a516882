"""PyTorch: the default generator, torch.seed(), and what the program seeds itself."""
import sys

from . import derive, tracked
from .standin import like

_getframe = sys._getframe
_WORKER = "torch/utils/data/_utils/worker.py"


def _caller():
    """Who called manual_seed; once dynamo is loaded, its frames lie between."""
    frame = _getframe(2)
    while frame is not None and ("/torch/_dynamo/" in frame.f_code.co_filename or frame.f_code.co_filename.endswith("/torch/_compile.py")):
        frame = frame.f_back
    return frame


def patch_functions(module):
    """torch.random, before torch takes its functions over by name."""
    original, original_seed = module.manual_seed, module.seed

    def manual_seed(seed):
        frame = _caller()
        if frame is not None and frame.f_code.co_filename.endswith(_WORKER):
            tracked.take_over("torch")
            return original(seed)
        return tracked.own_seed("torch", "torch.manual_seed", seed, frame, lambda: original(seed))

    def seed():
        number = tracked.note_creation("torch.seed", _getframe(1), 63)
        if number is None:
            number = original_seed()
        else:
            original(number)
        tracked.reseeded("torch")
        return number

    module.manual_seed = like(manual_seed, original)
    module.seed = like(seed, original_seed)


def _patch_generator(module):
    """torch.Generator is a type that cannot be assigned to; its dictionary can."""
    import gc

    members = gc.get_referents(module._C.Generator.__dict__)[0]
    original = members["seed"]

    def seed(self):
        number = tracked.note_creation("torch.Generator.seed", _getframe(1), 63)
        if number is None:
            return original(self)
        self.manual_seed(number)
        return number

    members["seed"] = like(seed, original)


def patch(module):
    generator = module.default_generator
    original = module.random.manual_seed.__wrapped__

    def state():
        tensor = generator.get_state()
        ctypes = sys.modules.get("ctypes")
        if ctypes is None:
            return hash(tuple(tensor.tolist()))
        return hash(ctypes.string_at(tensor.data_ptr(), tensor.numel()))

    tracked.add("torch", state, original, 63)
    if derive.root_of("torch"):
        _patch_generator(module)
