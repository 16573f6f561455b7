"""Each defect simulated with its physics: drawn, then applied, and the receipt kept."""
