"""One folder per notebook: its tables, figures and sentences."""
