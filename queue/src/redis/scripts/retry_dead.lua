-- Puts dead jobs back to work as new, unless a live one holds their key. ARGV: the ids. Returns: how many, and the lanes woken.
local now, count, woken = domain(redis.call('GET', root .. ':offset')), 0, 0
for _, id in ipairs(ARGV) do
  local lane, grave = grave_of(id)
  if lane then
    local q = root .. ':' .. lane
    local meta = q .. ':meta:' .. id
    local key, holder = redis.call('HGET', meta, 'idempotency_key'), false
    if key and key ~= '' then
      holder = redis.call('SET', q .. ':idempotency:' .. key, id, 'NX', 'GET')
    end
    if not holder or holder == id then
      redis.call('ZREM', root .. ':graves', grave)
      redis.call('SREM', q .. ':dead', id)
      redis.call('HDEL', meta, 'reason', 'died', 'grave')
      redis.call('HSET', meta, 'status', 'Pending', 'attempts', 0, 'created', now)
      redis.call('RPUSH', q .. ':active', id)
      woken = woken + wake(q)
      count = count + 1
    end
  end
end
return {count, woken}
