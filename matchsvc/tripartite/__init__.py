"""What participant, employer and unit have agreed about one placement, version by version."""
