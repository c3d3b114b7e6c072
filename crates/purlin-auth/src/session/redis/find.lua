-- ARGV: time, key. Returns the nine fields, or nothing.
return read(ARGV[2]) or {}
