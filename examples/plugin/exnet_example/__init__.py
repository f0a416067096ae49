"""What a package adds to exnet: `declared` is all that the front end reads, `computed` needs torch."""
