"""Which claims of the five papers hold in a study."""
