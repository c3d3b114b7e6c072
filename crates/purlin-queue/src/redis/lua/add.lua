-- Adds jobs, all or none, in their order.
--   KEYS[1]  what the keys of a queue begin with
--   ARGV[1]  the clock's offset in ms
--   ARGV[2…] eight for each job: its queue's beginning, id, name, data, options (JSON as BullMQ keeps
--            them), when (`+ms` from now or `@ms` since 1970), how (`lifo`, `children` or ``), and more
--            (JSON: `parent`), or ``
-- Returns for each job the id that is there now and 1 if it is the one given; or the position of the
-- first job whose parent is not there, does not wait or is below it, or which has another already.
-- Events: added, waiting, delayed, waiting-children, duplicated, deduplicated, removed.
local t = clock(ARGV[1])
local jobs, given = {}, {}
for at = 2, #ARGV, 8 do
  local job = {
    p = ARGV[at], id = ARGV[at + 1], name = ARGV[at + 2], data = ARGV[at + 3], opts = ARGV[at + 4],
    how = ARGV[at + 6], delay = tonumber(string.sub(ARGV[at + 5], 2)),
  }
  if string.sub(ARGV[at + 5], 1, 1) == '@' then
    job.delay = math.max(0, job.delay - t)
  end
  if ARGV[at + 7] ~= '' then
    job.parent = cjson.decode(ARGV[at + 7])
    job.parent_text = ARGV[at + 7]
    job.parent_key = job.parent.queueKey .. ':' .. job.parent.id
  end
  if string.find(job.opts, '"de":', 1, true) then
    job.de = cjson.decode(job.opts).de
  end
  table.insert(jobs, job)
  given[job.p .. job.id] = true
end

local function parent_is_fit(job)
  if not job.parent or given[job.parent_key] then
    return true
  end
  local state = state_of(job.parent.queueKey .. ':', job.parent.id)
  return state == 'waiting-children' or state == 'active'
end

-- The job that stands in the place of this one by its id or its key, as far as is known before any
-- is added; nil: none.
local function standing(job)
  if call('EXISTS', job.p .. job.id) == 1 then
    return job.id
  end
  if not job.de then
    return nil
  end
  local current = call('GET', job.p .. 'de:' .. job.de.id)
  local gives_way = current and job.de.replace and call('ZSCORE', job.p .. 'delayed', current)
  return current and not gives_way and call('EXISTS', job.p .. current) == 1 and current or nil
end

-- A job that is there keeps the parent it has, as long as that is there too.
local function can_adopt(job)
  local id = job.parent and standing(job)
  local has = id and call('HGET', job.p .. id, 'parentKey')
  return not has or has == job.parent_key or call('EXISTS', has) == 0
end

-- What is due has its place before what is added now.
local due = {}
for _, job in ipairs(jobs) do
  if not due[job.p] then
    due[job.p] = true
    promote(job.p, t, 1000)
  end
end

local above = {}
for _, job in ipairs(jobs) do
  above[job.p .. job.id] = job.parent_key
end

-- Each job has one parent, so its line is walked; it may lead through jobs that are there already.
local function is_below_itself(job)
  local key = job.p .. job.id
  local parent = job.parent_key
  for _ = 1, 1000 do
    if not parent or parent == key then
      return parent == key
    end
    parent = above[parent] or call('HGET', parent, 'parentKey') or nil
  end
  return true
end

for at, job in ipairs(jobs) do
  if not parent_is_fit(job) or not can_adopt(job) or is_below_itself(job) then
    return at
  end
end

-- The job that is there becomes the child that this one was to be.
local function adopt(job, id)
  local key = job.p .. id
  if not job.parent or key == job.parent_key or call('HGET', key, 'parentKey') then
    return
  end
  call('HSET', key, 'parentKey', job.parent_key, 'parent', job.parent_text)
  call('SADD', job.parent_key .. ':dependencies', key)
  local state = state_of(job.p, id)
  if state == 'completed' then
    call('SREM', job.parent_key .. ':dependencies', key)
    call('HSET', job.parent_key .. ':processed', key, call('HGET', key, 'returnvalue') or 'null')
  elseif state == 'failed' then
    child_failed(job.parent, key, call('HGET', key, 'failedReason') or '', t)
  end
end

local function hold(job, de, id)
  local key = job.p .. 'de:' .. de.id
  if de.ttl and de.ttl > 0 and not de.keepLastIfActive then
    call('SET', key, id, 'PX', de.ttl)
  else
    call('SET', key, id)
  end
end

-- Takes the place of a delayed job that holds the key.
local function replace(job, de, current)
  if call('ZREM', job.p .. 'delayed', current) == 0 then
    return false
  end
  local key = job.p .. 'de:' .. de.id
  local left = call('PTTL', key)
  forget(job.p, current, t)
  tell(job.p, 'removed', 'jobId', current, 'prev', 'delayed')
  tell(job.p, 'deduplicated', 'jobId', job.id, 'deduplicationId', de.id, 'deduplicatedJobId', current)
  hold(job, de, job.id)
  if left > 0 and not de.extend and not de.keepLastIfActive then
    call('PEXPIRE', key, left)
  end
  return true
end

-- Kept until the active job that holds the key has ended. It has no parent: the active one is the
-- child in its place.
local function keep_last(job, de)
  local kept_key = job.p .. 'dn:' .. de.id
  call('DEL', kept_key)
  call('HSET', kept_key, 'name', job.name, 'data', job.data, 'opts', job.opts, 'jid', job.id)
  call('PERSIST', job.p .. 'de:' .. de.id)
end

-- The id of the job that stands in the place of this one; nil: there is none, and it has the key now.
local function deduplicate(job, de)
  local key = job.p .. 'de:' .. de.id
  local current = call('GET', key)
  if current and call('PTTL', key) == -1 and call('EXISTS', job.p .. current) == 0 then
    call('DEL', job.p .. 'dn:' .. de.id)
    current = false
  end
  if not current then
    hold(job, de, job.id)
    return nil
  end
  if de.replace and replace(job, de, current) then
    return nil
  end
  if de.keepLastIfActive and call('LPOS', job.p .. 'active', current) then
    keep_last(job, de)
  elseif de.extend then
    hold(job, de, current)
  end
  tell(job.p, 'deduplicated', 'jobId', current, 'deduplicationId', de.id, 'deduplicatedJobId', job.id)
  return current
end

local function begin(job)
  local more = {}
  if job.parent then
    more = { 'parentKey', job.parent_key, 'parent', job.parent_text }
    call('SADD', job.parent_key .. ':dependencies', job.p .. job.id)
  end
  if job.de then
    table.insert(more, 'deid')
    table.insert(more, job.de.id)
  end
  local priority = tonumber(string.match(job.opts, '"priority":(%d+)')) or 0
  store(job.p, job.id, job.name, job.data, job.opts, t, job.delay, priority, more)
  if job.how == 'children' then
    call('ZADD', job.p .. 'waiting-children', t, job.id)
    tell(job.p, 'waiting-children', 'jobId', job.id)
  else
    place(job.p, job.id, t, job.delay, priority, job.how == 'lifo')
  end
end

local function add(job)
  if call('EXISTS', job.p .. job.id) == 1 then
    adopt(job, job.id)
    tell(job.p, 'duplicated', 'jobId', job.id)
    return job.id, 0
  end
  local current = job.de and deduplicate(job, job.de)
  if current then
    adopt(job, current)
    return current, 0
  end
  begin(job)
  return job.id, 1
end

local answers, touched = {}, {}
for _, job in ipairs(jobs) do
  local id, is_new = add(job)
  table.insert(answers, id)
  table.insert(answers, is_new)
  touched[job.p] = true
end
for _, job in ipairs(jobs) do
  if job.parent then
    release_if_last(job.parent, t)
  elseif job.how == 'children' then
    release_if_last({ queueKey = string.sub(job.p, 1, -2), id = job.id }, t)
  end
end
for p in pairs(touched) do
  trim_events(p)
end
return answers
