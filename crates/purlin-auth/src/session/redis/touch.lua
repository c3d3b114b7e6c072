-- ARGV: time, key, when it expires. Returns 1, or 0 if it is not there.
local key, expires = ARGV[2], ARGV[3]
local record = read(key)
if not record then return 0 end
if tonumber(record[7]) < now then redis.call('HSET', at(key), 'last', ARGV[1]) end
if tonumber(record[8]) < tonumber(expires) then
  redis.call('HSET', at(key), 'expires', expires)
  redis.call('PEXPIRE', at(key), millis_to(expires))
end
return 1
