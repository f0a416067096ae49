"""exnet: a language and a compiler for extraction networks. `import exnet` loads neither torch nor networkx."""
