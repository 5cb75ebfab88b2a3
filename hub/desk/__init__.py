"""What agents do, and what they may see."""
