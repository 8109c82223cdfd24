"""Pages to look around in: served from a store, or written as files.

A page is made from the answers that the commands print as JSON. ``pages`` makes them, ``rendering``
turns them into HTML, ``server`` serves them, ``site`` writes them.
"""
