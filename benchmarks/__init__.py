"""What a step, a race, a viewer and the start cost on this machine. `make bench` and `make load` run it.

Machines differ and are shared, so what counts are ratios within one run: rounds are interleaved, medians are told.
"""
