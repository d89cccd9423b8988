-- Says whether nothing runs and nothing is due.
local now = domain(redis.call('GET', root .. ':offset'))
for _, lane in ipairs(LANES) do
  local q = root .. ':' .. lane
  if redis.call('EXISTS', q .. ':leases', q .. ':active') > 0 then
    return 0
  end
  if redis.call('ZCOUNT', q .. ':scheduled', '-inf', now / 1000) + redis.call('ZCOUNT', q .. ':suspects', '-inf', now) > 0 then
    return 0
  end
end
return 1
