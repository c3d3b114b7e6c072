-- ARGV: time, user. Returns the nine fields of each session, the one used last first.
local records = {}
for i, entry in ipairs(list(ARGV[2])) do records[i] = entry[3] end
return records
