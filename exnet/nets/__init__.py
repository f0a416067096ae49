"""Component networks as functions of stacked parameters, their initial values, dropout masks, and tokenisers."""
