"""Training: from token blocks and weights to changed weights and an exact account of it.

No module here knows a model: a span can be trained from its tokens, the weights, the
objective, a random stream and a learning rate. A line further to the right is called by the one
above it::

    checkpoints  where training stands, and when that is written down: an observer of the engine
      engine       the epochs: spans in, report out
        plan         what is to be done: epochs, learning rate, where to begin
          rounds       spans in rounds of shards: the same bits with any number of threads
          spans        the token stream cut into spans: from the data alone
        workers      the threads: bounded queue, errors, interruption
        progress     log lines and progress bars
        report       what one call to train() did
      drift        how far it moved the words that were there before an update
    interrupts   Ctrl-C that is put off until a checkpoint is written
    partial      training that copies only the rows it uses, for small corpora
      weights      the arrays: growth, lock factors, seeds, the rows that kernels train
"""
