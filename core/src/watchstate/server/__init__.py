"""The web server: it takes what media servers tell, and hands it on."""
