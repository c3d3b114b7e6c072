-- What every command shares. KEYS[1]: the prefix of all keys. ARGV[1]: the time, in microseconds
-- since 1970; a session is there while that is before its field `expires`. What Redis itself
-- expires comes a minute later, and is no more than a broom: its clock is another one.
--
-- PREFIXs:KEY   a hash, the session under the hash of its id
-- PREFIXu:USER  a hash, the user's sessions: public id to KEY
local prefix, now = KEYS[1], tonumber(ARGV[1])
local fields = {'user', 'id', 'roles', 'device', 'data', 'created', 'last', 'expires', 'ends'}

local function at(key) return prefix .. 's:' .. key end
local function of(user) return prefix .. 'u:' .. user end

-- The fields of the session, or nil if it is not there.
local function read(key)
  local record = redis.call('HMGET', at(key), unpack(fields))
  if record[8] and tonumber(record[8]) > now then return record end
end

-- Milliseconds until the broom may come for what ends at `moment`.
local function millis_to(moment)
  return math.max(0, math.ceil((tonumber(moment) - now) / 1000)) + 60000
end

local function drop(key)
  local owner = redis.call('HMGET', at(key), 'user', 'id')
  redis.call('DEL', at(key))
  if owner[1] then redis.call('HDEL', of(owner[1]), owner[2]) end
end

-- The user's sessions as {public id, key, fields}, the one used last first.
local function list(user)
  local found, index = {}, redis.call('HGETALL', of(user))
  for i = 1, #index, 2 do
    local record = read(index[i + 1])
    if record then
      found[#found + 1] = {index[i], index[i + 1], record}
    else
      redis.call('DEL', at(index[i + 1]))
      redis.call('HDEL', of(user), index[i])
    end
  end
  table.sort(found, function(a, b)
    local used_a, used_b = tonumber(a[3][7]), tonumber(b[3][7])
    if used_a == used_b then return a[1] > b[1] end
    return used_a > used_b
  end)
  return found
end
