"""The only package that speaks httpx."""
