"""Lets the Reprise agent in, then runs the sitecustomize that this one shadows. Says nothing, raises nothing of its own."""


def _enter(here):
    import os
    import sys

    if not os.environ.get("REPRISE_EVENTS") or "reprise_agent" in sys.modules:
        return
    source, no_cache = os.path.dirname(here), sys.dont_write_bytecode
    sys.path.insert(0, source)
    # PYTHONDONTWRITEBYTECODE is about the user's folders; without a cache we cost 8 ms more.
    sys.dont_write_bytecode = False
    try:
        import reprise_agent

        reprise_agent.start()
    finally:
        sys.dont_write_bytecode = no_cache
        sys.path.remove(source)


def _chain(here):
    # Frozen into every interpreter: importlib.util would cost 1.5 ms.
    import os
    import sys

    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    ours = sys.modules.get("sitecustomize")
    sys.modules["sitecustomize"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules["sitecustomize"] = ours
        raise


def _here():
    import os

    return os.path.dirname(os.path.abspath(__file__))


try:
    _enter(_here())
except Exception:  # noqa: BLE001 - whatever fails in us, the run goes on
    pass
_chain(_here())
