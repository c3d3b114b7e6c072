-- Promotes delayed jobs before their time, or removes what is ready and what is delayed.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the clock's offset in ms, what (promote, drain, drain-all), at most so many
-- Returns how many it touched. Ticks of schedules stay.
-- Events: waiting, removed.
local p, t, what, max = KEYS[1], clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local function promote_all()
  local ids = call('ZRANGE', p .. 'delayed', 0, max - 1)
  for _, id in ipairs(ids) do
    local job = call('HMGET', p .. id, 'priority', 'opts')
    call('ZREM', p .. 'delayed', id)
    call('HSET', p .. id, 'delay', 0)
    place(p, id, t, 0, tonumber(job[1]) or 0, is_lifo(job[2]), 'delayed')
  end
  return #ids
end

local function remove(ids, state)
  local removed = 0
  for _, id in ipairs(ids) do
    if not call('HGET', p .. id, 'rjk') then
      take_out(p, id, state)
      forget(p, id, t)
      tell(p, 'removed', 'jobId', id, 'prev', state)
      removed = removed + 1
    end
  end
  return removed
end

local function drain()
  local removed = remove(call('LRANGE', p .. 'wait', -max, -1), 'waiting')
  if removed < max then
    removed = removed + remove(call('ZRANGE', p .. 'prioritized', 0, max - removed - 1), 'prioritized')
  end
  if what == 'drain-all' and removed < max then
    removed = removed + remove(call('ZRANGE', p .. 'delayed', 0, max - removed - 1), 'delayed')
  end
  return removed
end

local touched = what == 'promote' and promote_all() or drain()
trim_events(p)
return touched
