"""Devices: an interface finds readers, one worker serves each."""
