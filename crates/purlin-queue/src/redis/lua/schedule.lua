-- Puts a schedule in, or makes its next tick: a schedule always has the job of its next tick.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the clock's offset in ms, the schedule's id, the moment of the tick in ms, the tick's options
--           (JSON; `delay` and `jobId` are filled in here), and either
--           `put`, the template's data, and field and value of each thing the schedule's hash holds; or
--           `remove`; or
--           `next`, the id of the job that has begun: nothing is done unless it is the newest tick
-- Returns the moment, or -1 if nothing was done.
-- Events: added, waiting, delayed, removed, duplicated.
local p, t, id, moment = KEYS[1], clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local text, what = ARGV[4], ARGV[5]
local key = p .. 'repeat:' .. id
local last = call('ZSCORE', p .. 'repeat', id)

local function tick_id(at)
  return 'repeat:' .. id .. ':' .. string.format('%.0f', at)
end

local function make_tick(data)
  local job_id, delay = tick_id(moment), math.max(0, moment - t)
  if call('EXISTS', p .. job_id) == 1 then
    tell(p, 'duplicated', 'jobId', job_id)
    return
  end
  local opts = cjson.decode(text)
  opts.delay, opts.jobId = delay, job_id
  local priority = opts.priority or 0
  call('INCR', p .. 'id')
  store(p, job_id, call('HGET', key, 'name'), data, cjson.encode(opts), t, delay, priority, { 'rjk', id })
  place(p, job_id, t, delay, priority, opts.lifo)
end

-- The tick that waits gives way to that of the new schedule.
local function remove_waiting_tick()
  local job_id = last and tick_id(tonumber(last))
  local state = job_id and state_of(p, job_id)
  if state == 'waiting' or state == 'prioritized' or state == 'delayed' then
    take_out(p, job_id, state)
    forget(p, job_id, t)
    tell(p, 'removed', 'jobId', job_id, 'prev', state)
  end
end

if what == 'put' then
  remove_waiting_tick()
  local made = call('HGET', key, 'ic') or 1
  call('DEL', key)
  call('HSET', key, 'ic', made, 'data', ARGV[6], unpack(ARGV, 7))
  call('ZADD', p .. 'repeat', moment, id)
  make_tick(ARGV[6])
  trim_events(p)
  return moment
end
if what == 'remove' then
  remove_waiting_tick()
  call('DEL', key)
  call('ZREM', p .. 'repeat', id)
  return last and moment or -1
end
if not last or tick_id(tonumber(last)) ~= ARGV[6] then
  return -1
end
call('ZADD', p .. 'repeat', moment, id)
call('HINCRBY', key, 'ic', 1)
make_tick(call('HGET', key, 'data') or '{}')
return moment
