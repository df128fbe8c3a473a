"""What the papers printed: numbers, claims, and what each ablation takes out."""
