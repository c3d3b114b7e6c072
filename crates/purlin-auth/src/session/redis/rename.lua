-- ARGV: time, old key, new key. Returns the nine fields of what was moved, or nothing.
local old, new = ARGV[2], ARGV[3]
local record = read(old)
if not record then return {} end
redis.call('RENAME', at(old), at(new)) -- Its time to live goes with it.
redis.call('HSET', of(record[1]), record[2], new)
return record
