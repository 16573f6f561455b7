"""ARE THE IMAGES GOOD ENOUGH: quality gates behind the seam of ``domain.decision``; knows no simulation."""
