-- How BullMQ 6 lays a queue out, in functions of our own; every script begins with this file.
--
-- `p` is what the keys of a queue begin with (`bull:mails:`), `t` is now in milliseconds since 1970.
--   wait              list: pushed on the left, taken from the right
--   active            list of those that run; `<id>:lock` holds the token of each, for as long as its lease
--   prioritized       sorted set: priority * 2^32 + a counter (`pc`)
--   delayed           sorted set: due * 2^12 + a rank among those that are due at once
--   waiting-children  sorted set: since when
--   completed, failed sorted sets: when
--   <id>              hash: the job; `atm` attempts made, `ats` begun, `stc` crashes, `defa` why it must fail
--   <id>:dependencies set of the keys of children that have not ended; `:processed` hash of results,
--                     `:failed` hash of reasons that were ignored, `:unsuccessful` sorted set of the rest
--   de:<key>          the job that holds a deduplication key; `dn:<key>` the one that follows it
--   marker            what idle workers block on; meta: settings; events: a stream
-- Fields of a job that are ours alone begin with `purlin:`: BullMQ passes them over.
local call = redis.call

local function clock(offset)
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(offset)
end

local function tell(p, event, ...)
  call('XADD', p .. 'events', '*', 'event', event, ...)
end

local function trim_events(p)
  local most = call('HGET', p .. 'meta', 'opts.maxLenEvents')
  if not most then
    most = 10000
    call('HSET', p .. 'meta', 'opts.maxLenEvents', most)
  end
  call('XTRIM', p .. 'events', 'MAXLEN', '~', most)
end

-- Whether no job may be taken: the queue is paused, or runs as many as it may.
local function held(p)
  local meta = call('HMGET', p .. 'meta', 'paused', 'concurrency')
  return meta[1] or (meta[2] and call('LLEN', p .. 'active') >= tonumber(meta[2]))
end

local function wake(p)
  if not held(p) then
    call('ZADD', p .. 'marker', 0, '0')
  end
end

-- Puts a job among those that are ready; in front: before those of its priority, else after them.
local function enqueue(p, id, priority, front)
  if priority == 0 then
    call(front and 'RPUSH' or 'LPUSH', p .. 'wait', id)
    return
  end
  local place = call('INCR', p .. 'pc') % 0x100000000
  call('ZADD', p .. 'prioritized', priority * 0x100000000 + (front and -place or place), id)
end

-- Whether a job was put back, has not been taken since, and had been taken at `since` or before.
local function is_back(p, id, since)
  local job = call('HMGET', p .. id, 'purlin:back', 'processedOn', 'ats', 'purlin:returned')
  local fence = (tonumber(job[3]) or 0) + (tonumber(job[4]) or 0)
  return tonumber(job[1]) == fence and (tonumber(job[2]) or 0) <= since
end

-- Puts a job that was taken back to its old place: before all others, behind those that were taken
-- before it and are back too (at most 100 are looked at).
local function put_back(p, id, priority)
  local job = call('HMGET', p .. id, 'processedOn', 'ats', 'purlin:returned')
  local since = tonumber(job[1]) or 0
  call('HSET', p .. id, 'purlin:back', (tonumber(job[2]) or 0) + (tonumber(job[3]) or 0))
  if priority > 0 then
    call('ZADD', p .. 'prioritized', priority * 0x100000000 - 0x80000000 + since % 0x80000000, id)
    return
  end
  local before = {}
  while #before < 100 do
    local first = call('LINDEX', p .. 'wait', -1)
    if not first or not is_back(p, first, since) then
      break
    end
    table.insert(before, call('RPOP', p .. 'wait'))
  end
  call('RPUSH', p .. 'wait', id)
  for at = #before, 1, -1 do
    call('RPUSH', p .. 'wait', before[at])
  end
end

local function postpone(p, id, due)
  local delayed = p .. 'delayed'
  local least, most = due * 4096, due * 4096 + 4095
  local last = call('ZREVRANGEBYSCORE', delayed, most, least, 'WITHSCORES', 'LIMIT', 0, 1)
  local score = last[2] and math.min(most, tonumber(last[2]) + 1) or least
  call('ZADD', delayed, score, id)
  local first = call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  call('ZADD', p .. 'marker', math.floor(first[2] / 4096), '1')
end

local function is_lifo(opts)
  return opts and string.find(opts, '"lifo":true', 1, true) ~= nil
end

-- Where a new job, or one whose children have ended, begins: ready, or delayed.
local function place(p, id, t, delay, priority, lifo, prev)
  if delay > 0 then
    postpone(p, id, t + delay)
    tell(p, 'delayed', 'jobId', id, 'delay', t + delay)
    return
  end
  enqueue(p, id, priority, lifo)
  tell(p, 'waiting', 'jobId', id, unpack(prev and { 'prev', prev } or {}))
  wake(p)
end

local function promote(p, t, max)
  local ids = call('ZRANGEBYSCORE', p .. 'delayed', 0, (t + 1) * 4096 - 1, 'LIMIT', 0, max)
  if #ids == 0 then
    return 0
  end
  call('ZREM', p .. 'delayed', unpack(ids))
  for _, id in ipairs(ids) do
    local job = call('HMGET', p .. id, 'priority', 'opts')
    call('HSET', p .. id, 'delay', 0)
    enqueue(p, id, tonumber(job[1]) or 0, is_lifo(job[2]))
    tell(p, 'waiting', 'jobId', id, 'prev', 'delayed')
  end
  wake(p)
  return #ids
end

local function store(p, id, name, data, opts, t, delay, priority, more)
  call('HSET', p .. id, 'name', name, 'data', data, 'opts', opts, 'timestamp', t, 'delay', delay,
    'priority', priority, unpack(more))
  tell(p, 'added', 'jobId', id, 'name', name)
end

-- All keys that are a job's own.
local function drop(p, id)
  local key = p .. id
  call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed',
    key .. ':unsuccessful', key .. ':lock')
end

-- Parents. `parent` is what a child's hash says of its own, decoded: `id`, `queueKey`, and what its
-- failure does (`fpof`, `cpof`, `idof`, `rdof`; none: the parent waits).

local function release(parent, t)
  local p, id = parent.queueKey .. ':', parent.id
  if call('ZREM', p .. 'waiting-children', id) == 0 then
    return
  end
  local job = call('HMGET', p .. id, 'delay', 'priority', 'opts')
  place(p, id, t, tonumber(job[1]) or 0, tonumber(job[2]) or 0, is_lifo(job[3]), 'waiting-children')
end

local function release_if_last(parent, t)
  if call('SCARD', parent.queueKey .. ':' .. parent.id .. ':dependencies') == 0 then
    release(parent, t)
  end
end

local finish

local function child_completed(parent, child, value, t)
  local key = parent.queueKey .. ':' .. parent.id
  if call('SREM', key .. ':dependencies', child) == 1 then
    call('HSET', key .. ':processed', child, value)
    release_if_last(parent, t)
  end
end

local function child_fails_parent(parent, child, t)
  local p, id = parent.queueKey .. ':', parent.id
  local reason = 'child ' .. child .. ' failed'
  call('ZADD', p .. id .. ':unsuccessful', t, child)
  if call('ZREM', p .. 'waiting-children', id) == 1 then
    finish(p, id, 'failed', reason, 'child', t, 'waiting-children')
  elseif call('EXISTS', p .. id) == 1 and not call('ZSCORE', p .. 'failed', id) then
    call('HSET', p .. id, 'defa', reason)
  end
end

local function child_failed(parent, child, reason, t)
  local key = parent.queueKey .. ':' .. parent.id
  local told = parent.fpof or parent.cpof or parent.idof or parent.rdof
  if not told or call('SREM', key .. ':dependencies', child) == 0 then
    return
  end
  if parent.fpof then
    child_fails_parent(parent, child, t)
    return
  end
  if parent.cpof or parent.idof then
    call('HSET', key .. ':failed', child, reason)
  end
  if parent.cpof then
    release(parent, t)
  else
    release_if_last(parent, t)
  end
end

-- Removes a job that is in no list or set any more; its parent does not wait for it. A key that holds
-- for a time holds on after a job that has ended.
local function forget(p, id, t, has_ended)
  local job = call('HMGET', p .. id, 'parent', 'deid')
  if job[1] then
    local parent = cjson.decode(job[1])
    if call('SREM', parent.queueKey .. ':' .. parent.id .. ':dependencies', p .. id) == 1 then
      release_if_last(parent, t)
    end
  end
  if job[2] and not has_ended and call('GET', p .. 'de:' .. job[2]) == id then
    call('DEL', p .. 'de:' .. job[2], p .. 'dn:' .. job[2])
  end
  drop(p, id)
end

local function forget_finished(p, target, ids, t)
  if #ids == 0 then
    return 0
  end
  call('ZREM', p .. target, unpack(ids))
  for _, id in ipairs(ids) do
    forget(p, id, t, true)
  end
  return #ids
end

-- Drops finished jobs that are older than `age` seconds or more than `count`, at most `max`.
local function retain(p, target, count, age, t, max)
  local dropped = 0
  if age then
    local old = call('ZRANGEBYSCORE', p .. target, '-inf', t - age * 1000, 'LIMIT', 0, max)
    dropped = forget_finished(p, target, old, t)
  end
  if count and dropped < max then
    local over = math.min(call('ZCARD', p .. target) - count, max - dropped)
    if over > 0 then
      dropped = dropped + forget_finished(p, target, call('ZRANGE', p .. target, 0, over - 1), t)
    end
  end
  return dropped
end

-- How a job is kept once it has ended: how many, for how many seconds.
local function kept(opts, target)
  local word = target == 'completed' and 'removeOnComplete' or 'removeOnFail'
  if not opts or not string.find(opts, word, 1, true) then
    return nil, nil
  end
  local keep = cjson.decode(opts)[word]
  if keep == true then
    return 0, nil
  elseif type(keep) == 'number' then
    return keep >= 0 and keep or nil, nil
  elseif type(keep) == 'table' then
    return tonumber(keep.count), tonumber(keep.age)
  end
end

-- A job has ended: its deduplication key is free, and the one that was kept for it follows.
local function free_key(p, id, key, t)
  local held_by = p .. 'de:' .. key
  local left = call('PTTL', held_by)
  if left == 0 or (left == -1 and call('GET', held_by) == id) then
    call('DEL', held_by)
  end
  local kept_key = p .. 'dn:' .. key
  local names = call('HMGET', kept_key, 'name', 'data', 'opts', 'jid', 'pk', 'pd', 'pdk', 'rjk')
  if not names[1] then
    return
  end
  local following = names[4] or tostring(call('INCR', p .. 'id'))
  local opts = cjson.decode(names[3])
  if opts.de and opts.de.ttl and opts.de.ttl > 0 and not opts.de.keepLastIfActive then
    call('SET', held_by, following, 'PX', opts.de.ttl)
  else
    call('SET', held_by, following)
  end
  local more = { 'deid', key }
  for at, field in ipairs({ 'parentKey', 'parent', false, 'rjk' }) do
    if field and names[at + 4] then
      table.insert(more, field)
      table.insert(more, names[at + 4])
    end
  end
  local delay, priority = opts.delay or 0, opts.priority or 0
  store(p, following, names[1], names[2], names[3], t, delay, priority, more)
  place(p, following, t, delay, priority, opts.lifo)
  if names[7] then
    call('SADD', names[7], p .. following)
  end
  call('DEL', kept_key)
end

-- Ends a job that is in no list or set any more: `target` is `completed` or `failed`. Tells its
-- parent, frees its key, keeps it or not, and says so.
finish = function(p, id, target, value, cause, t, prev)
  local key = p .. id
  local job = call('HMGET', key, 'parent', 'deid', 'opts')
  if job[2] then
    free_key(p, id, job[2], t)
  end
  if job[1] then
    local tell_parent = target == 'completed' and child_completed or child_failed
    tell_parent(cjson.decode(job[1]), key, value, t)
  end
  local field = target == 'completed' and 'returnvalue' or 'failedReason'
  local count, age = kept(job[3], target)
  if count == 0 then
    forget(p, id, t, true)
  else
    call('ZADD', p .. target, t, id)
    call('HSET', key, field, value, 'finishedOn', t)
    call('HDEL', key, 'purlin:cancel')
    if target == 'failed' then
      call('HSET', key, 'purlin:cause', cause)
      call('HDEL', key, 'defa')
    end
    if count or age then
      retain(p, target, count, age, t, 1000)
    end
  end
  tell(p, target, 'jobId', id, field, value, 'prev', prev, unpack(cause ~= '' and { 'cause', cause } or {}))
end

-- Counts `n` jobs that have ended, by minute, as BullMQ's metrics: at most a day is kept.
local function count_ended(p, target, n, t)
  local key = p .. 'metrics:' .. target
  local before = call('HINCRBY', key, 'count', n) - n
  local meta = call('HMGET', key, 'prevTS', 'prevCount')
  if not meta[1] then
    call('HSET', key, 'prevTS', t, 'prevCount', 0)
    return
  end
  local minutes = math.min(math.floor(t / 60000) - math.floor(meta[1] / 60000), 1440)
  if minutes <= 0 then
    return
  end
  call('LPUSH', key .. ':data', before - meta[2])
  for _ = 2, minutes do
    call('LPUSH', key .. ':data', 0)
  end
  call('LTRIM', key .. ':data', 0, 1439)
  call('HSET', key, 'prevCount', before, 'prevTS', t)
end

local function state_of(p, id)
  if call('EXISTS', p .. id) == 0 then
    return nil
  end
  for _, state in ipairs({ 'completed', 'failed', 'delayed', 'prioritized', 'waiting-children' }) do
    if call('ZSCORE', p .. state, id) then
      return state
    end
  end
  return call('LPOS', p .. 'active', id) and 'active' or 'waiting'
end

-- Whether a token is that of the running attempt. A lock that has expired is still the attempt's own
-- until the job is taken from it: the fence, of attempts begun and returned, tells.
local function owns(p, id, token, fence)
  local lock = call('GET', p .. id .. ':lock')
  if lock then
    return lock == token
  end
  local job = call('HMGET', p .. id, 'ats', 'purlin:returned')
  local newest = (tonumber(job[1]) or 0) + (tonumber(job[2]) or 0)
  return job[1] and newest == tonumber(fence) and call('LPOS', p .. 'active', id) ~= false
end

-- Takes a job that does not run from where it is.
local function take_out(p, id, state)
  if state == 'waiting' then
    call('LREM', p .. 'wait', 0, id)
  else
    call('ZREM', p .. state, id)
  end
end

