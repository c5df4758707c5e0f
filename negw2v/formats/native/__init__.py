"""The native file: a record as one safetensors file (docs/model_format.md).

    writing       record -> checks -> tensors and metadata -> container
    reading       container -> checks of names, types and shapes -> record
      container   safetensors: arrays and a header
      layout      what the format calls things
    phrases        files of phrases: words, pairs and their counts; or phrases and their scores
    copying       a native file that comes as a stream: copied to a temporary one

Everything that a header says is checked before anything is allocated for it.
"""
