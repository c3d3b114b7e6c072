-- ARGV: time, key. Nothing returned.
drop(ARGV[2])
