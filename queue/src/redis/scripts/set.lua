-- Writes a setting and wakes every sleeper, for it may change what can be claimed. ARGV: its name, its value or nothing.
if ARGV[2] == '' then
  redis.call('DEL', root .. ':' .. ARGV[1])
else
  redis.call('SET', root .. ':' .. ARGV[1], ARGV[2])
end
for _, lane in ipairs(LANES) do
  redis.call('DEL', root .. ':' .. lane .. ':waiting')
  redis.call('PUBLISH', root .. ':' .. lane .. ':wake', '')
end
return 1
