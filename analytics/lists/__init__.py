"""Lists of sites that others publish: read, compiled into one file that every worker shares, and looked up.

What a list says is taken as it was published; what it means here is decided by the policy, each time it is loaded.
"""
