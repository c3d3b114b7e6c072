-- ARGV: time, user, public id to leave or ''. Returns how many were there.
local removed = 0
for _, entry in ipairs(list(ARGV[2])) do
  if entry[1] ~= ARGV[3] then
    drop(entry[2])
    removed = removed + 1
  end
end
return removed
