"""The command line: ``negw2v VERB``, one module for each verb.

::

    main           chooses the verb; what goes wrong becomes a line and an exit status
      train        trains on a text file and writes a model; knows word2vec.c's options, too
      similar      searches for the most similar words
      distance     answers questions about nearest words at a prompt
      analogy      answers "a is to b as c is to what?"
      plot         draws neighbours, analogies, similarities, frequencies
      explore      makes a page to look around in a browser
      evaluate     scores vectors on analogy questions and word pairs
      info         tells what a file holds
      phrases      joins words that belong together, as word2phrase does
      vocab        counts the words of a text
      convert      reads one format and writes another
      demo         trains on the Penn Treebank, or on generated text, and queries the vectors
      run          runs a program that imports gensim, with negw2v instead of it
      bench        measures this machine: words and queries per second
      completion   prints a script that completes verbs and options in a shell
      config       prints versions, instruction-set levels and threads
        |
    vector_files   files of vectors in any format: which one it is, reading, writing
    corpora        a corpus from a file or from standard input
    finding        phrases, found in a corpus or read from files
    arguments      arguments that several verbs have, and their types
    cluster        options of train for several machines
    logs           warnings for people, events for programs
    output         tables for people, JSON for programs

A verb has ``add_arguments(parser)`` and ``run(arguments)``, which returns the exit status. Its line
in the list of verbs is in :mod:`negw2v.cli.main`.
"""
