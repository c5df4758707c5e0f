"""Evaluation of vectors by analogy questions and by judgements of similarity.

Functions on the rows of a matrix of vectors; they know neither models nor the vectors::

    analogies     accuracy on questions "a is to b as c is to ?", such as questions-words.txt
    word_pairs    correlation with people's judgements of similarity, such as WordSim-353
      files       the lines of such files, and the warning about malformed ones
      word_rows   WordRows: the rows of the words in them
"""
