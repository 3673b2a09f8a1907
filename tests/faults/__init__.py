"""`make faults`: what a server does when something around it breaks.

Parts of it are killed or hang, connections are cut, visitors flood it, its disk is full, its clock is set: one after
the other, to one real server. Behind each a race has to start and end as always.
"""
