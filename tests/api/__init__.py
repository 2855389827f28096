"""The API as a program meets it: every example, the document, and a fuzzer that reads it."""
