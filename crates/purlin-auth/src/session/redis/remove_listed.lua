-- ARGV: time, user, public id. Returns 1, or 0 if it is not there.
local key = redis.call('HGET', of(ARGV[2]), ARGV[3])
if not key then return 0 end
local was_there = read(key) and 1 or 0
redis.call('DEL', at(key))
redis.call('HDEL', of(ARGV[2]), ARGV[3])
return was_there
