-- Removes jobs of one state, not `active`, that are older than a grace, or retries finished ones.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the clock's offset in ms, what (clean, retry), the state, the grace in ms, at most so many
-- Returns the ids, oldest first. `retry` changes nothing: the ids are those to be retried one by one.
-- Events: removed.
local p, t, what, state, grace, max = KEYS[1], clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local is_finished = state == 'completed' or state == 'failed'

local function candidates()
  if state == 'waiting' then
    local ids, oldest = call('LRANGE', p .. 'wait', 0, -1), {}
    for at = #ids, 1, -1 do
      table.insert(oldest, ids[at])
    end
    return oldest
  elseif is_finished then
    return call('ZRANGEBYSCORE', p .. state, '-inf', t - grace, 'LIMIT', 0, max)
  end
  return call('ZRANGE', p .. state, 0, -1)
end

local function is_old(id)
  if is_finished then
    return true
  end
  local job = call('HMGET', p .. id, 'timestamp', 'rjk')
  return not job[2] and (tonumber(job[1]) or 0) <= t - grace
end

local chosen = {}
for _, id in ipairs(candidates()) do
  if #chosen >= max then
    break
  end
  if is_old(id) then
    table.insert(chosen, id)
  end
end
if what == 'clean' then
  for _, id in ipairs(chosen) do
    take_out(p, id, state)
    forget(p, id, t)
    tell(p, 'removed', 'jobId', id, 'prev', state)
  end
  trim_events(p)
end
return chosen
