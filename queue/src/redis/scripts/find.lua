-- Finds the job that holds a key. ARGV: the key. Returns: id, what it is doing, attempts, when it is due; or nothing.
for _, lane in ipairs(LANES) do
  local q = root .. ':' .. lane
  local id = redis.call('GET', q .. ':idempotency:' .. ARGV[1])
  if id and redis.call('HEXISTS', q .. ':data', id) == 1 then
    local meta = redis.call('HMGET', q .. ':meta:' .. id, 'attempts', 'due', 'created')
    local attempts = number_of(meta[1]) or 0
    if redis.call('HEXISTS', q .. ':fences', id) == 1 then
      return {id, 'running', attempts, 0}
    end
    local now = domain(redis.call('GET', root .. ':offset'))
    local scheduled = redis.call('ZSCORE', q .. ':scheduled', id)
    local due = scheduled and math.floor(scheduled * 1000 + 0.5) or number_of(meta[2]) or number_of(meta[3]) or now
    return {id, due > now and 'delayed' or 'waiting', attempts, due}
  end
end
return false
