"""What searches have found, and whether they were worth it."""
