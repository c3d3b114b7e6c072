-- ARGV: time, user, roles. Returns how many there are.
local found = list(ARGV[2])
for _, entry in ipairs(found) do redis.call('HSET', at(entry[2]), 'roles', ARGV[3]) end
return #found
