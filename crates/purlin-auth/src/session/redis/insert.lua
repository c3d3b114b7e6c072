-- ARGV: time, old key or '', new key, most sessions of a user, the nine fields. Nothing returned.
local old, key, most = ARGV[2], ARGV[3], tonumber(ARGV[4])
if old ~= '' then drop(old) end
for i, field in ipairs(fields) do redis.call('HSET', at(key), field, ARGV[4 + i]) end
local user, id, expires, ends = ARGV[5], ARGV[6], ARGV[12], ARGV[13]
redis.call('PEXPIRE', at(key), millis_to(expires))
redis.call('HSET', of(user), id, key)
if redis.call('PTTL', of(user)) < millis_to(ends) then
  redis.call('PEXPIRE', of(user), millis_to(ends))
end
local found = list(user)
for i = most + 1, #found do drop(found[i][2]) end
