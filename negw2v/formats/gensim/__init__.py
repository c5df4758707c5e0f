"""Files and objects of gensim, 0.12 to 4.x.

    reading        files that gensim's save() wrote -> records
      allowlist    what their pickles may ask for
      old_models   what older versions, and Python 2, saved in another way
    phrases        files of gensim's Phrases -> their attributes
    objects        gensim's objects in memory -> records, and back
    attributes     what users have set on gensim's objects
    names          what gensim calls classes, attributes and parameters

Files are read without gensim, and without running them. `objects` alone imports gensim, and only
when one of its objects is to be made.
"""
