-- Extends leases.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the lease in ms, then id, token and fence of each
-- Returns for each 0 if it is lost, 1 if it is extended, 2 if somebody wants the job to stop too.
local p = KEYS[1]
local answers, kept_ids = {}, {}
for at = 2, #ARGV, 3 do
  local id, token = ARGV[at], ARGV[at + 1]
  if not owns(p, id, token, ARGV[at + 2]) then
    table.insert(answers, 0)
  else
    call('SET', p .. id .. ':lock', token, 'PX', ARGV[1])
    table.insert(kept_ids, id)
    table.insert(answers, call('HEXISTS', p .. id, 'purlin:cancel') + 1)
  end
end
if #kept_ids > 0 then
  call('SREM', p .. 'stalled', unpack(kept_ids))
end
return answers
