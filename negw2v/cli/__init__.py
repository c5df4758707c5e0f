"""The command line: ``negw2v VERB``, one module for each verb.

::

    main       chooses the verb; errors of the library become a message and an exit status
      config   prints versions, instruction-set levels and threads
      demo     trains on the Penn Treebank, or on generated text, and queries the vectors
      run      runs a program that imports gensim, with negw2v instead of it

A verb has ``HELP`` (a line), ``add_arguments(parser)`` and ``run(arguments)``, which returns the
exit status.
"""
