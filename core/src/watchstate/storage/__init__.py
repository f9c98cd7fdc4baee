"""Tables, engines, repositories and migrations."""
