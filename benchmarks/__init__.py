"""One file a subject; each prints a table and ends with one line of JSON holding ratios against peers."""
