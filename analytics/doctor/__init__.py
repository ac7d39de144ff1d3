"""`fairgate doctor`: what a technician must mend, and how. Each check is a small function of what was examined.

Promises: looking changes nothing; no finding names a site, an address that was visited, a person or a device.
"""
