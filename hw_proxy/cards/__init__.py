"""Cards: reader dialects apart from card layouts."""
