"""Keep every media server in a household in agreement about what has been watched."""

__version__ = "0.1.0"
