"""Training: from token blocks and weights to changed weights and an exact account of it.

No module here knows a model: a span can be trained from its tokens, the weights, the
objective, a random stream and a learning rate. A line further to the right is called by the one
above it::

    engine       the epochs: spans in, report out
      spans        the token stream cut into spans: from the data alone
      schedule     the learning rate: from the position in the data alone
      workers      the threads: bounded queue, errors, interruption
      progress     log lines and progress bars
      report       what one call to train() did
      checkpoints  where training stands, and when that is written down
    workspace    the rows that kernels train in place of a model's arrays
    weights      growth, lock factors, seeds
"""
