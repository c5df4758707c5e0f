"""The command line, one verb per module.

A verb is a module with ``HELP`` (a line), ``add_arguments(parser)`` and ``run(arguments)``,
which returns the exit status; :mod:`negw2v.cli.main` lists them.
"""
