"""What gensim's smaller modules do, as far as programs with word vectors use them.

::

    converters     gensim.scripts: glove2word2vec, word2vec2tensor
    downloads      gensim.downloader: what was downloaded before; nothing is downloaded
    sample_files   gensim.test.utils: the nine titles, generated texts, temporary paths
    topic_models   gensim.models.basemodel: a class that no model of negw2v is derived from
    vectors        gensim.matutils: lengths of vectors

:mod:`negw2v.plugin.served` says under which names they are served.
"""
