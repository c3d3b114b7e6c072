local burst = most * size
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0) or 0, now)
local after = arrival + cost * size
local retry = math.max(after - now - burst, 0)
local allowed = cost == 0 or retry == 0
local stays = arrival - now
if allowed then
  stays = after - now
  retry = 0
  if cost > 0 then
    keep(text(after), stays)
  end
end
local left = math.floor(math.max(burst - stays, 0) / size)
return {allowed and 1 or 0, left, retry, stays}
