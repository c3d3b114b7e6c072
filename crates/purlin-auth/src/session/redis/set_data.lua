-- ARGV: time, key, data. Returns 1, or 0 if it is not there.
if not read(ARGV[2]) then return 0 end
redis.call('HSET', at(ARGV[2]), 'data', ARGV[3])
return 1
