-- Writes the latest tick of a schedule if it is still the one that was seen, and pushes its job. ARGV: schedule, the tick
-- that was seen or nothing, the tick, then the job as take_in has it. Returns: whether it was written, and the lanes woken.
local latest = redis.call('HGET', root .. ':ticks', ARGV[1]) or ''
if latest ~= ARGV[2] then
  return {0, 0}
end
redis.call('HSET', root .. ':ticks', ARGV[1], ARGV[3])
local _, _, woken = take_in(4, domain(redis.call('GET', root .. ':offset')))
return {1, woken}
