local known = redis.call('GET', KEYS[1]) or ''
local ends, current, previous = string.match(known, '^(%d+):(%d+):(%d+)$')
ends, current, previous = tonumber(ends or 0), tonumber(current or 0), tonumber(previous or 0)
local start = math.max(ends - 2 * size, 0)
if ends <= now then
  start, current, previous = now, 0, 0
elseif now >= start + size then
  start, current, previous = start + size, 0, current
end
previous = math.min(previous, most)
local elapsed = math.max(now - start, 0)
-- Exact: a remainder is taken before the division.
local function up(a, b)
  local rest = a % b
  return (a - rest) / b + (rest > 0 and 1 or 0)
end
local function fades(used, room)
  used = math.max(used, 1)
  local part = room * size
  return size - math.min((part - part % used) / used, size)
end
local counted = up(previous * (size - elapsed), size)
local allowed = cost == 0 or counted + current + cost <= most
local retry = 0
if allowed then
  current = current + cost
  if cost > 0 then
    keep(text(start + 2 * size) .. ':' .. text(current) .. ':' .. text(previous), start + 2 * size - now)
  end
elseif current + cost <= most then
  retry = math.max(fades(previous, most - current - cost) - elapsed, 0)
else
  retry = size - elapsed + fades(current, math.max(most - cost, 0))
end
local reset = 0
if current > 0 then
  reset = 2 * size - elapsed
elseif previous > 0 then
  reset = size - elapsed
end
return {allowed and 1 or 0, math.max(most - counted - current, 0), retry, reset}
