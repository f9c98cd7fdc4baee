"""Discovery (stevedore) and dispatch (pluggy) of backends; nobody else knows either library."""
