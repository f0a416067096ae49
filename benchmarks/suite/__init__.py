"""The standard suite: workloads W1 to W5, the peers beside them, how they are measured and what is printed."""
