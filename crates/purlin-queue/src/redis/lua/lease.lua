-- Extends leases.
--   KEYS[1] what the keys of the queue begin with
--   ARGV    the lease in ms, then id and token of each
-- Returns for each 0 if it is lost, 1 if it is extended, 2 if somebody wants the job to stop too.
local p = KEYS[1]
local answers, kept_ids = {}, {}
for at = 2, #ARGV, 2 do
  local id, lock = ARGV[at], p .. ARGV[at] .. ':lock'
  if call('GET', lock) ~= ARGV[at + 1] then
    table.insert(answers, 0)
  else
    call('PEXPIRE', lock, ARGV[1])
    table.insert(kept_ids, id)
    table.insert(answers, call('HEXISTS', p .. id, 'purlin:cancel') + 1)
  end
end
if #kept_ids > 0 then
  call('SREM', p .. 'stalled', unpack(kept_ids))
end
return answers
