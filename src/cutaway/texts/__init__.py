"""Texts as people have them: plain files, one document a line, tables with a column of texts."""

from cutaway.texts.read import KINDS, Reading, read_documents, split_documents

__all__ = ["KINDS", "Reading", "read_documents", "split_documents"]
