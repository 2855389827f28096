"""How dates and times are written where a page says nothing of it: one package a language."""
