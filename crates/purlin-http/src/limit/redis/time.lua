-- Before each script. KEYS[1]: the key. ARGV: now in microseconds or '' for the server's clock,
-- cost, what may pass at once, and the gap or window in microseconds.
-- Answers {allowed, remaining, retry after, reset after}, times in microseconds.
local cost, most, size = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
cost = math.min(cost, most + 1)
local now = tonumber(ARGV[1])
local ttl_min = 600000
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
  ttl_min = 1
end
-- Whole numbers: Lua would write large ones with an exponent.
local function text(number)
  return string.format('%.0f', number)
end
local function keep(value, micros)
  redis.call('SET', KEYS[1], value, 'PX', text(math.max(math.ceil(micros / 1000), ttl_min)))
end
