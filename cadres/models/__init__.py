from .cadre import Cadre
from .leave import Leave
from .post import Post

__all__ = ["Cadre", "Leave", "Post"]
