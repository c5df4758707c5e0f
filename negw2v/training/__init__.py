"""Training: from token blocks and weights to changed weights and an exact account of it.

    parameters   what every parameter may be, in one table
    weights      initial vectors, growth, and the padded rows that kernels work on
    spans        the token stream cut into spans: from the data alone
    schedule     the learning rate, from the position in the data alone
    workers      the threads: bounded queue, errors, interruption
    progress     log lines and the progress bar
    engine       the epochs: spans in, report out
    report       what one call to train() did
    prediction   scores and predictions of a trained model
    vocabulary   the vocabulary half of a model's methods

Nothing here knows a Word2Vec object except the mixin in `vocabulary`; a span can be trained
from its tokens, the weights, the objective, a random stream and a learning rate.
"""
