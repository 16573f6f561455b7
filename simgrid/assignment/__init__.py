"""WHO READS WHAT: arrays in, arrays out; knows no hospital. Read ``problem`` first."""
