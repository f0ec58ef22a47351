"""A picture of how one number was made: each operation with its inputs and its result."""

from cutaway.look.picture.operations import CODE, KINDS
from cutaway.look.picture.picture import Picture, picture
from cutaway.look.picture.records import Line, Patch, Share, Stage

__all__ = ["CODE", "KINDS", "Line", "Patch", "Picture", "Share", "Stage", "picture"]
