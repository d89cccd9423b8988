-- Writes the latest tick of a schedule if it is still the one that was seen, and pushes its job. ARGV: schedule, the tick
-- that was seen or nothing, the tick, then lane and job as take_in has it, or nothing. Returns: whether it was written, and
-- whether sleepers were woken.
local latest = redis.call('HGET', root .. ':ticks', ARGV[1]) or ''
if latest ~= ARGV[2] then
  return {0, 0}
end
redis.call('HSET', root .. ':ticks', ARGV[1], ARGV[3])
if not ARGV[4] then
  return {1, 0}
end
local _, _, woken = take_in(ARGV[4], 5)
return {1, woken}
