-- Notes something about a running attempt.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    id, token, fence, what (progress, log, data, step), the value, and the name of a step
-- Returns 1, 0 if the attempt is not the job's own, or -1 if it has as many steps as it may.
-- Events: progress.
local p, id, what, value = KEYS[1], ARGV[1], ARGV[4], ARGV[5]
local key = p .. id
if not owns(p, id, ARGV[2], ARGV[3]) then
  return 0
end
if what == 'progress' then
  call('HSET', key, 'progress', value)
  tell(p, 'progress', 'jobId', id, 'data', value)
elseif what == 'data' then
  call('HSET', key, 'data', value)
elseif what == 'log' then
  local most = tonumber(string.match(call('HGET', key, 'opts') or '', '"kl":(%d+)')) or 1000
  call('RPUSH', key .. ':logs', value)
  call('LTRIM', key .. ':logs', -most, -1)
else
  local field = 'purlin:step:' .. ARGV[6]
  if call('HEXISTS', key, field) == 0 and call('HINCRBY', key, 'purlin:steps', 1) > 100 then
    call('HINCRBY', key, 'purlin:steps', -1)
    return -1
  end
  call('HSET', key, field, value)
end
return 1
