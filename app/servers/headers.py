"""The headers by which servers of one database identify themselves to one another, and tell for whom they ask."""

from app.servers.membership import Membership

# The secret that they share, and which of them asks.
SECRET, SERVER = "x-playground-secret", "x-playground-server"
# The visitor whose request is forwarded. A request of the server's own has no visitor.
CLIENT = "x-playground-client"
# With a start goes by what it will be known, so that it may be asked for again and is done once.
RESERVED = "x-playground-reserved"
# In an answer: the leader is about to end.
LEAVING = "x-playground-leaving"


def identity(members: Membership) -> dict[str, str]:
    """Of this server, for a request of its own to the leader. It has to be known who leads."""
    assert members.standing
    return {SECRET: members.standing.secret, SERVER: members.id}
