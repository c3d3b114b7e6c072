-- Ends attempts, then takes jobs of the same queue.
--   KEYS[1]  what the keys of the queue begin with
--   ARGV     the clock's offset in ms · how many attempts end · jobs to take · their lease in ms · the
--            worker's name · what the tokens of the attempts begin with; then seven for each
--            attempt: id, token, fence, kind (complete, retry, fail, snooze, release, children), value, cause, wait in ms
-- Returns for each attempt `lost` or the state its job is in now; for each job taken its id and its
-- hash, the token being the beginning and its position; in how many ms to ask again (-1: unknown); now.
-- Events: active, completed, failed, waiting, delayed, waiting-children, drained, retries-exhausted.
local p, t = KEYS[1], clock(ARGV[1])
local ends, max, lease, worker, token_base = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local ended = { completed = 0, failed = 0 }
local locks, freed = {}, {}

-- Takes a running job out of `active`; whether the token is its own.
local function leave_active(id, token, fence)
  if not owns(p, id, token, fence) or call('LREM', p .. 'active', -1, id) == 0 then
    return false
  end
  table.insert(locks, p .. id .. ':lock')
  table.insert(freed, id)
  return true
end

local function give_attempt_back(id)
  call('HINCRBY', p .. id, 'ats', -1)
  call('HINCRBY', p .. id, 'purlin:returned', 1)
end

local function place_again(id, wait)
  local job = call('HMGET', p .. id, 'priority', 'opts')
  call('HSET', p .. id, 'delay', wait)
  place(p, id, t, wait, tonumber(job[1]) or 0, is_lifo(job[2]), 'active')
  return wait > 0 and 'delayed' or ((tonumber(job[1]) or 0) > 0 and 'prioritized' or 'waiting')
end

local function succeed(id, value)
  call('HINCRBY', p .. id, 'atm', 1)
  finish(p, id, 'completed', value, '', t, 'active')
  ended.completed = ended.completed + 1
  return 'completed'
end

local function fail(id, reason, cause)
  local made = call('HINCRBY', p .. id, 'atm', 1)
  local opts = call('HGET', p .. id, 'opts')
  finish(p, id, 'failed', reason, cause, t, 'active')
  ended.failed = ended.failed + 1
  if opts and made >= (tonumber(string.match(opts, '"attempts":(%d+)')) or 0) then
    tell(p, 'retries-exhausted', 'jobId', id, 'attemptsMade', made)
  end
  return 'failed'
end

local function retry(id, reason, cause, wait)
  local job = call('HMGET', p .. id, 'opts', 'atm')
  local attempts = job[1] and tonumber(cjson.decode(job[1]).attempts) or 1
  if (tonumber(job[2]) or 0) + 1 >= attempts then
    return fail(id, reason, cause)
  end
  call('HINCRBY', p .. id, 'atm', 1)
  call('HSET', p .. id, 'failedReason', reason, 'purlin:cause', cause)
  return place_again(id, wait)
end

local function snooze(id, reason, wait)
  give_attempt_back(id)
  if reason ~= '' then
    call('RPUSH', p .. id .. ':logs', reason)
    call('LTRIM', p .. id .. ':logs', -1000, -1)
  end
  return place_again(id, wait)
end

local function hand_back(id)
  give_attempt_back(id)
  local priority = tonumber(call('HGET', p .. id, 'priority')) or 0
  put_back(p, id, priority)
  tell(p, 'waiting', 'jobId', id, 'prev', 'active')
  wake(p)
  return priority > 0 and 'prioritized' or 'waiting'
end

local function await_children(id)
  local key = p .. id
  local failed = call('ZRANGE', key .. ':unsuccessful', 0, 0)
  if failed[1] then
    finish(p, id, 'failed', 'child ' .. failed[1] .. ' failed', 'child', t, 'active')
    ended.failed = ended.failed + 1
    return 'failed'
  end
  give_attempt_back(id)
  if call('SCARD', key .. ':dependencies') == 0 then
    return place_again(id, 0)
  end
  call('ZADD', p .. 'waiting-children', t, id)
  tell(p, 'waiting-children', 'jobId', id, 'prev', 'active')
  return 'waiting-children'
end

local function ending(id, token, fence, kind, value, cause, wait)
  if not leave_active(id, token, fence) then
    return 'lost'
  end
  if kind == 'complete' then
    return succeed(id, value)
  elseif kind == 'fail' then
    return fail(id, value, cause)
  elseif kind == 'retry' then
    return retry(id, value, cause, wait)
  elseif kind == 'snooze' then
    return snooze(id, value, wait)
  elseif kind == 'release' then
    return hand_back(id)
  end
  return await_children(id)
end

local function end_all()
  local done = {}
  for at = 7, 6 + 7 * ends, 7 do
    local kind, value, cause, wait = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], tonumber(ARGV[at + 6])
    table.insert(done, ending(ARGV[at], ARGV[at + 1], ARGV[at + 2], kind, value, cause, wait))
  end
  if #locks > 0 then
    call('DEL', unpack(locks))
    call('SREM', p .. 'stalled', unpack(freed))
  end
  return done
end

-- How many jobs the limits of the queue leave, and when they leave more.
local function room(meta)
  local free = max
  if meta[1] then
    return 0, -1
  end
  if meta[2] then
    free = math.min(free, tonumber(meta[2]) - call('LLEN', p .. 'active'))
  end
  if meta[3] then
    local left = tonumber(meta[3]) - (tonumber(call('GET', p .. 'limiter')) or 0)
    if left <= 0 then
      return 0, math.max(1, call('PTTL', p .. 'limiter'))
    end
    free = math.min(free, left)
  end
  return free, -1
end

local function pop(n)
  local ids = call('RPOP', p .. 'wait', n) or {}
  if #ids < n then
    local prioritized = call('ZPOPMIN', p .. 'prioritized', n - #ids)
    for at = 1, #prioritized, 2 do
      table.insert(ids, prioritized[at])
    end
    if #prioritized == 0 then
      call('DEL', p .. 'pc')
    end
  end
  if #ids > 0 then
    call('LPUSH', p .. 'active', unpack(ids))
  end
  return ids
end

-- A job whose failure was decided while it could not fail: it ends without having run.
local function fail_at_once(id, reason)
  call('LREM', p .. 'active', -1, id)
  call('HINCRBY', p .. id, 'ats', 1)
  fail(id, reason, string.find(reason, '^child ') and 'child' or 'poison')
end

local function begin(id, position)
  local key = p .. id
  local reason = call('HGET', key, 'defa')
  if reason then
    fail_at_once(id, reason)
    return nil
  end
  call('SET', key .. ':lock', token_base .. position, 'PX', lease)
  call('HINCRBY', key, 'ats', 1)
  call('HSET', key, 'processedOn', t, 'pb', worker)
  tell(p, 'active', 'jobId', id, 'prev', 'waiting')
  return call('HGETALL', key)
end

local function count_starts(meta, n)
  if meta[3] and n > 0 and call('INCRBY', p .. 'limiter', n) == n then
    call('PEXPIRE', p .. 'limiter', meta[4])
  end
end

local function next_due()
  local first = call('ZRANGE', p .. 'delayed', 0, 0, 'WITHSCORES')
  return first[2] and math.max(1, math.floor(first[2] / 4096) - t) or -1
end

-- Others may sleep while there is more to do.
local function pass_on()
  if call('LLEN', p .. 'wait') > 0 or call('ZCARD', p .. 'prioritized') > 0 then
    wake(p)
  end
end

local function claim()
  promote(p, t, 1000)
  local meta = call('HMGET', p .. 'meta', 'paused', 'concurrency', 'max', 'duration')
  local free, again = room(meta)
  local taken = {}
  if free > 0 then
    for position, id in ipairs(pop(free)) do
      if call('EXISTS', p .. id) == 0 then
        call('LREM', p .. 'active', -1, id)
      else
        local hash = begin(id, position)
        if hash then
          table.insert(taken, { id, position, hash })
        end
      end
    end
    count_starts(meta, #taken)
  end
  if #taken > 0 then
    pass_on()
  elseif again == -1 and free > 0 then
    again = next_due()
  end
  return taken, again
end

local done = end_all()
local taken, again = {}, -1
if max > 0 then
  taken, again = claim()
end
for target, n in pairs(ended) do
  if n > 0 then
    count_ended(p, target, n, t)
  end
end
if ends > 0 then
  if #taken == 0 and call('LLEN', p .. 'wait') == 0 and call('LLEN', p .. 'active') == 0
    and call('ZCARD', p .. 'prioritized') == 0 then
    tell(p, 'drained')
  end
  trim_events(p)
end
return { done, taken, again, t }
