"""What runs in the process of a library. Uses the standard library only and nothing else of this project."""
