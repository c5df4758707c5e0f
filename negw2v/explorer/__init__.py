"""The explorer: a map of words with search, neighbours and analogies, in one HTML file.

::

    page         ExplorerPage: templates, data and Plotly's script in one file; written atomically
      |
    data         what the page knows: rows as 8-bit integers, points of the map, clusters
      |
    clusters     k-means on the sphere

The page itself is in ``assets/``: ``page.html`` is its frame, ``style.css`` its look. The scripts
are joined in the order of :data:`negw2v.explorer.page.SCRIPTS`::

    main             the state of the page, and what follows from a change
      |-- panels     neighbours, analogies, comparisons
      |-- navigation mouse, touch and keys on the map
      |-- views      the map in the plane and in space, drawn by Plotly
      |-- labels     names of words beside their points
      |-- search     completion of words; how a word is shown
      |-- vectors    cosines and nearest words
      `-- colours    of points, for each theme
"""
