"""Several processes at one run: who they are, sums over all of them, and the exchange of extractions."""
