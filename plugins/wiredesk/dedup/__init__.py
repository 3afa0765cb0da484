"""Recognise copies: sign texts, compare pairs exactly, decide which story an article tells. Pure."""
