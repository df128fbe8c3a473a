"""SpineFM: one vertebra after the other, from three start points to both ends of the spine, in small stages."""
