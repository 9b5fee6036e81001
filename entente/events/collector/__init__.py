"""The collector: events over HTTP, in the words of Segment's tracking API, acknowledged when they are on disk.

`app` is the ASGI application. A request is read (`requests`), its calls become rows (`calls`, pure), and the one writer
of this process (`writer`) commits the rows of many requests at once.
"""
