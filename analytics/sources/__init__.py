"""Where `fairgate identity` learns who, or only which device, is at which address.

One module a source, each behind `source.Source`: it runs until it is cancelled, and tells what it finds to the
registrar alone. Promises: a source that fails, or is told nonsense, ends no binding that it does not know to be over
and stops no other source; what it could not read is counted, and nothing in its logs names a person, device or address.
"""
