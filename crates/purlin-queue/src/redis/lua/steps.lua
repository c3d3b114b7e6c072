-- What a running attempt may read of its job.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    id, token, fence
-- Returns the job's hash, or nil if the attempt is not the job's own.
local p, id = KEYS[1], ARGV[1]
if not owns(p, id, ARGV[2], ARGV[3]) then
  return nil
end
return call('HGETALL', p .. id)
