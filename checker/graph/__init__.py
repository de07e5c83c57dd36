"""The reachable states of a small scenario as a graph: grouped, with its components, as GraphML and SVG."""
