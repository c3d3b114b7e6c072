local known = redis.call('GET', KEYS[1]) or ''
local ends, used = string.match(known, '^(%d+):(%d+)$')
ends, used = tonumber(ends or 0), tonumber(used or 0)
if ends <= now then
  ends, used = now + size, 0
end
local allowed = cost == 0 or used + cost <= most
local retry = 0
if not allowed then
  retry = ends - now
elseif cost > 0 then
  used = used + cost
  keep(text(ends) .. ':' .. text(used), ends - now)
end
local reset = 0
if used > 0 then
  reset = ends - now
end
return {allowed and 1 or 0, math.max(most - used, 0), retry, reset}
