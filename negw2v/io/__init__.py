"""Files as bytes: paths, compression, remote files, reading, writing. Each is here once.

Below corpus and formats, which say what the bytes mean.

    reading         files that are open for reading: local, compressed, remote, file objects
      remote        what smart_open reads and writes behind URIs
      kinds         what a file is that was taken for something else
      faults        what can go wrong while bytes are read
      memory        memory that a reader fills
    hub             models on the Hugging Face Hub: their names, download and upload
    writing         where files are written to: a path, a URI, an open file
      atomic        a file that is written whole or not at all
        temporaries files that are removed even after a process was killed
    compression     how compressed files begin, their suffixes; unpacking and packing
    paths           what a path leads to, and the errors where it leads to no file
    mapping         what `mmap` may be
"""
