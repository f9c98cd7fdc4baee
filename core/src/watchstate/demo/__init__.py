"""`watchstate demo`: a simulated household, synced before your eyes, without any server of yours."""
