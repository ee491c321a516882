"""Reprise's agent: watches one Python process from inside and seeds what would draw from entropy."""


def start():
    """Called by our sitecustomize, once per process. Nothing of it may reach the program, whatever fails."""
    from . import settings

    line = settings.command_line()
    from . import process

    if process.to_be_ignored(line):
        return
    from . import boot

    boot.start(line)
