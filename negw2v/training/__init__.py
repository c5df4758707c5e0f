"""Training: from token blocks and weights to changed weights and an exact account of it.

    trainable    the weights half of a model, up to its kernel
    vocabulary   the vocabulary half of a model
      session    one train() as the model sees it: attributes, callbacks, log
        engine     the epochs: spans in, report out
          spans      the token stream cut into spans: from the data alone
          schedule   the learning rate: from the position in the data alone
          workers    the threads: bounded queue, errors, interruption
          progress   log lines and progress bars
          report     what one call to train() did
          checkpoints where training stands, and when that is written down
      workspace  the rows that kernels train in place of a model's arrays
      weights    growth, lock factors, seeds
      prediction scores and predictions of a trained model
      parameters what every parameter may be, in one table
      interfaces what training needs of a model's word vectors

Only the first three know a model; a span can be trained from its tokens, the weights, the
objective, a random stream and a learning rate.
"""
