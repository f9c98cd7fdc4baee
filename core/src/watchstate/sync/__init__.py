"""The heart: match and merge as pure functions, import and delivery around them."""
