"""Training on several machines, with Ray: the bits of ``deterministic=True``, on any of them.

The map; each module uses those below it::

    training       train(), resume(): checks, vocabulary, the model
      arguments      what they accept
      corpus         a corpus that the cluster reads: map and reduce
        parts          ranges of files, counted and encoded
      trainer        what stands in for a kernel: jobs to the nodes, weights back
        cluster        the connection, and the nodes: started, compared, replaced
          node           a whole model, and the threads that train it: an actor of Ray's
            mailbox        messages of a round that wait
            exchange       changes as messages: cut, packed, merged

Only functions that need a cluster import Ray. docs/distributed.md says how it works,
and when one machine is enough.

Examples
--------
>>> from negw2v import distributed
>>> distributed.train.__name__
'train'
"""

from __future__ import annotations

from negw2v.distributed.training import resume, train

__all__ = ["resume", "train"]
