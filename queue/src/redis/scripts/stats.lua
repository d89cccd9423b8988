-- Counts the jobs. Returns for each lane: waiting, delayed, running, dead, whether it is paused.
local now, counts = domain(redis.call('GET', root .. ':offset')), {}
for _, lane in ipairs(LANES) do
  local q = root .. ':' .. lane
  local due = redis.call('ZCOUNT', q .. ':scheduled', '-inf', now / 1000) + redis.call('ZCOUNT', q .. ':suspects', '-inf', now)
  local all = redis.call('ZCARD', q .. ':scheduled') + redis.call('ZCARD', q .. ':suspects')
  counts[#counts + 1] = {redis.call('LLEN', q .. ':active') + due, all - due, redis.call('ZCARD', q .. ':leases'),
    redis.call('SCARD', q .. ':dead'), redis.call('EXISTS', q .. ':paused')}
end
return counts
