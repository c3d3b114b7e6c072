-- Does something to one job.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the clock's offset in ms, id, what, a value
-- Returns `done`, `missing`, or the state that does not allow it.
-- Events: failed, waiting, delayed, removed.
local p, t, id, what, value = KEYS[1], clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local key = p .. id
local changes = {}

local function priority()
  return tonumber(call('HGET', key, 'priority')) or 0
end

local function bury(state, reason, cause)
  take_out(p, id, state)
  finish(p, id, 'failed', reason, cause, t, state)
  count_ended(p, 'failed', 1, t)
  return 'done'
end

function changes.cancel(state)
  if state == 'completed' or state == 'failed' then
    return state
  elseif state == 'active' then
    call('HSET', key, 'purlin:cancel', 1)
    return 'done'
  end
  return bury(state, 'cancelled', 'cancelled')
end

function changes.bury(state)
  if state == 'active' or state == 'completed' or state == 'failed' then
    return state
  end
  return bury(state, value, 'buried')
end

function changes.promote(state)
  if state ~= 'delayed' then
    return state
  end
  take_out(p, id, state)
  call('HSET', key, 'delay', 0)
  place(p, id, t, 0, priority(), is_lifo(call('HGET', key, 'opts')), 'delayed')
  return 'done'
end

-- The parent that still waits for it waits again.
local function depend_again()
  local text = call('HGET', key, 'parent')
  local parent = text and cjson.decode(text)
  if not parent or not call('ZSCORE', parent.queueKey .. ':waiting-children', parent.id) then
    return
  end
  local parent_key = parent.queueKey .. ':' .. parent.id
  call('SADD', parent_key .. ':dependencies', key)
  call('HDEL', parent_key .. ':processed', key)
  call('HDEL', parent_key .. ':failed', key)
  call('ZREM', parent_key .. ':unsuccessful', key)
end

local function forget_steps()
  for _, field in ipairs(call('HKEYS', key)) do
    if string.sub(field, 1, 11) == 'purlin:step' then
      call('HDEL', key, field)
    end
  end
end

function changes.redrive(state)
  if state ~= 'completed' and state ~= 'failed' then
    return state
  end
  take_out(p, id, state)
  call('HINCRBY', key, 'purlin:returned', call('HGET', key, 'ats') or 0)
  call('HDEL', key, 'ats', 'atm', 'stc', 'finishedOn', 'failedReason', 'returnvalue', 'defa', 'purlin:cause')
  if state == 'completed' then
    forget_steps()
  end
  depend_again()
  place(p, id, t, 0, priority(), is_lifo(call('HGET', key, 'opts')), state)
  return 'done'
end

-- The keys of all children of a job, those that have ended too.
local function children_of(job_key)
  local children = call('SMEMBERS', job_key .. ':dependencies')
  local ended = { call('HKEYS', job_key .. ':processed'), call('HKEYS', job_key .. ':failed'),
    call('ZRANGE', job_key .. ':unsuccessful', 0, -1) }
  for _, some in ipairs(ended) do
    for _, child in ipairs(some) do
      table.insert(children, child)
    end
  end
  return children
end

local function remove(of, other, state)
  take_out(of, other, state)
  local children = children_of(of .. other)
  forget(of, other, t)
  tell(of, 'removed', 'jobId', other, 'prev', state)
  for _, child in ipairs(children) do
    local of_child, child_id = string.match(child, '^([^:]+:[^:]+:)(.+)$')
    local child_state = child_id and state_of(of_child, child_id)
    local is_fresh = child_state ~= 'failed' and child_state ~= 'completed' and not call('HGET', child, 'processedOn')
    if child_state and is_fresh then
      remove(of_child, child_id, child_state)
    elseif child_state then
      call('HDEL', child, 'parent', 'parentKey')
    end
  end
end

function changes.remove(state)
  if state == 'active' then
    return state
  end
  remove(p, id, state)
  return 'done'
end

local function is_fixed(state)
  return state == 'active' or state == 'completed' or state == 'failed'
end

function changes.data(state)
  if is_fixed(state) then
    return state
  end
  call('HSET', key, 'data', value)
  return 'done'
end

-- Moves a job that is in `wait` before those that were added later (at most 100 are looked at).
local function place_by_age()
  local added = tonumber(call('HGET', key, 'timestamp')) or 0
  call('LREM', p .. 'wait', 0, id)
  local older = {}
  while #older < 100 do
    local first = call('LINDEX', p .. 'wait', -1)
    if not first or (tonumber(call('HGET', p .. first, 'timestamp')) or 0) >= added then
      break
    end
    table.insert(older, call('RPOP', p .. 'wait'))
  end
  call('RPUSH', p .. 'wait', id)
  for at = #older, 1, -1 do
    call('RPUSH', p .. 'wait', older[at])
  end
end

function changes.priority(state)
  if is_fixed(state) then
    return state
  end
  call('HSET', key, 'priority', value)
  if state == 'waiting' or state == 'prioritized' then
    local place_then = state == 'prioritized' and call('ZSCORE', p .. state, id) % 0x100000000
    take_out(p, id, state)
    if place_then and tonumber(value) > 0 then
      call('ZADD', p .. 'prioritized', value * 0x100000000 + place_then, id)
    else
      enqueue(p, id, tonumber(value), is_lifo(call('HGET', key, 'opts')))
    end
    if tonumber(value) == 0 then
      place_by_age()
    end
    wake(p)
  end
  return 'done'
end

function changes.delay(state)
  if state ~= 'delayed' then
    return state
  end
  take_out(p, id, state)
  call('HSET', key, 'delay', value)
  place(p, id, t, tonumber(value), priority(), is_lifo(call('HGET', key, 'opts')), 'delayed')
  return 'done'
end

local state = state_of(p, id)
if not state then
  return 'missing'
end
return changes[what](state)
