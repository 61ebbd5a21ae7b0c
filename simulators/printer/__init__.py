"""A receipt printer that speaks ESC/POS at a TCP port."""
