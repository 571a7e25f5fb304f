"""What the unit learns of its own work: training, self-assessment, risks, reviews and costs."""
