-- Counts the jobs. Returns for each lane: waiting, delayed, running, dead, whether it is paused, ms since its next job was due
-- or -1.
local now, counts = domain(redis.call('GET', root .. ':offset')), {}
for _, lane in ipairs(LANES) do
  local q = root .. ':' .. lane
  local due = redis.call('ZCOUNT', q .. ':scheduled', '-inf', now / 1000) + redis.call('ZCOUNT', q .. ':suspects', '-inf', now)
  local all = redis.call('ZCARD', q .. ':scheduled') + redis.call('ZCARD', q .. ':suspects')
  local first, head = now + 1, redis.call('LINDEX', q .. ':active', 0)
  if head then
    local meta = redis.call('HMGET', q .. ':meta:' .. head, 'due', 'created')
    first = math.min(number_of(meta[1]) or number_of(meta[2]) or now, now)
  end
  local scheduled = redis.call('ZRANGE', q .. ':scheduled', 0, 0, 'WITHSCORES')
  local suspect = redis.call('ZRANGE', q .. ':suspects', 0, 0, 'WITHSCORES')
  first = math.min(first, scheduled[2] and math.floor(scheduled[2] * 1000 + 0.5) or first, tonumber(suspect[2] or first))
  counts[#counts + 1] = {redis.call('LLEN', q .. ':active') + due, all - due, redis.call('ZCARD', q .. ':leases'),
    redis.call('SCARD', q .. ':dead'), redis.call('EXISTS', q .. ':paused'), first > now and -1 or now - first}
end
return counts
