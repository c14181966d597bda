"""Replies in other languages: which one it is, the same text in English words, and who judges what nobody can read."""
