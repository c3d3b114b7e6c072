-- What time brings to a queue: due jobs become ready, jobs whose lock has expired go back, finished
-- jobs are dropped if the queue was told to.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the clock's offset in ms, at most so many of each
-- Returns how many became ready, how many went back, how many were dropped, in how many ms something
-- comes next (-1: unknown), and the ids of schedules whose newest tick should have begun by now.
-- Events: waiting, stalled, failed.
local p, t, max = KEYS[1], clock(ARGV[1]), tonumber(ARGV[2])
local CRASHES_MAX = 3
local next_in = -1

local function comes_in(wait)
  next_in = next_in < 0 and wait or math.min(next_in, wait)
end

-- Every change of `active` sets or removes the lock with it, so one look is enough.
local function reap(id)
  local key = p .. id
  call('LREM', p .. 'active', 1, id)
  call('SREM', p .. 'stalled', id)
  if call('EXISTS', key) == 0 then
    return
  end
  local crashes = call('HINCRBY', key, 'stc', 1)
  local job = call('HMGET', key, 'priority', 'opts')
  tell(p, 'stalled', 'jobId', id)
  if crashes >= (tonumber(string.match(job[2] or '', '"crashesMax":(%d+)')) or CRASHES_MAX) then
    finish(p, id, 'failed', 'its process died ' .. crashes .. ' times', 'poison', t, 'active')
    count_ended(p, 'failed', 1, t)
    return
  end
  put_back(p, id, tonumber(job[1]) or 0)
  tell(p, 'waiting', 'jobId', id, 'prev', 'active')
end

local function reap_all()
  local reaped = 0
  local active = call('LRANGE', p .. 'active', 0, -1)
  for at = #active, 1, -1 do
    local id = active[at]
    local left = call('PTTL', p .. id .. ':lock')
    if left > 0 then
      comes_in(left + 1)
    elseif left == -2 and reaped < max then
      reap(id)
      reaped = reaped + 1
    end
  end
  if reaped > 0 then
    wake(p)
  end
  return reaped
end

local function retain_all()
  local words = { 'purlin:completed:count', 'purlin:completed:age', 'purlin:failed:count', 'purlin:failed:age' }
  local keep = call('HMGET', p .. 'meta', unpack(words))
  local dropped = retain(p, 'completed', tonumber(keep[1]), tonumber(keep[2]), t, max)
  if dropped < max then
    dropped = dropped + retain(p, 'failed', tonumber(keep[3]), tonumber(keep[4]), t, max - dropped)
  end
  return dropped
end

local promoted, reaped, dropped = promote(p, t, max), reap_all(), retain_all()
local first = call('ZRANGE', p .. 'delayed', 0, 0, 'WITHSCORES')
if first[2] then
  comes_in(math.max(0, math.floor(first[2] / 4096) - t))
end
if promoted + reaped + dropped > 0 then
  trim_events(p)
end
local late = call('ZRANGEBYSCORE', p .. 'repeat', '-inf', t - 5000, 'LIMIT', 0, 100)
return { promoted, reaped, dropped, next_in, late }
