"""From measures and pixels to calibrated probabilities and severities; abstains when it should."""
