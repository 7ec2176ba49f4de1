"""Who trains the cells of a sweep: this process, processes beside it, anybody's executor, a cluster."""
