"""Pickles, read without running them.

A pickle is a program for a small stack machine. This is that machine without its dangerous
part: a name in the pickle is looked up in an allowlist, and stands for a function of ours or for
a plain record. Any other name is noted, and may only be the class of an object that is made bare
and then given attributes: that becomes a plain record, too. Nothing is imported, and no
object's own code runs.

    machine     reads one pickle: bytes, stack, memo, limits
      opcodes   what each opcode does with the machine
      objects   what names, objects and keys of a pickle become
    arrays      what pickles may ask NumPy for

The allowlist of gensim's files is negw2v.formats.gensim.allowlist.
"""
