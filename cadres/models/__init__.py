from .cadre import Cadre
from .post import Post

__all__ = ["Cadre", "Post"]
