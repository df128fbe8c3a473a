"""The cards of the released networks: what each learned from, what it reaches, what it cannot do."""
