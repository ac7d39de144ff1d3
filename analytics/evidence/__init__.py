"""Evidence: what makes the record provable to somebody who trusts neither the school nor us.

Merkle trees over segments (merkle), signing keys (keys), signed and chained seals (seal), the bundle for a hearing
(bundle, report) and the one-file program that checks it (verify), which shares no code with the rest.
"""
