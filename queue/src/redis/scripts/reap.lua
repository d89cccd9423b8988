-- Takes back leases that ran out, each as a crash, and keeps the dead within their bounds; STEP of each at most.
-- ARGV: the most dead, their longest age, the death of a job whose worker died and its reason.
-- Returns: how many were taken back, whether there may be more, then id and name of whatever was buried.
local now, left, returned, buried = domain(redis.call('GET', root .. ':offset')), STEP, 0, {}
for _, lane in ipairs(LANES) do
  local q, back, moved = root .. ':' .. lane, {}, false
  local expired, is_there, metas = {}, {}, {}
  if left > 0 then
    expired = redis.call('ZRANGE', q .. ':leases', '-inf', real, 'BYSCORE', 'LIMIT', 0, left)
  end
  if #expired > 0 then
    left = left - #expired
    -- What is written below is looked at first: a key that somebody has overwritten fails the call with nothing done.
    redis.call('LLEN', q .. ':active')
    redis.call('ZCARD', q .. ':suspects')
    redis.call('SCARD', q .. ':dead')
    redis.call('ZCARD', root .. ':graves')
    for i, id in ipairs(expired) do
      is_there[i] = redis.call('HEXISTS', q .. ':data', id) == 1
      metas[i] = redis.call('HMGET', q .. ':meta:' .. id, 'dying', 'reason', 'attempts', 'idempotency_key', 'name', 'due',
        'created', 'crashes')
    end
    redis.call('HDEL', q .. ':fences', unpack(expired))
  end
  for i, id in ipairs(expired) do
    local meta, was = q .. ':meta:' .. id, metas[i]
    if is_there[i] then
      local crashes = (number_of(was[8]) or 0) + 1
      redis.call('HSET', meta, 'crashes', crashes)
      if was[1] and crashes >= LAST then
        bury(lane, id, was[4], number_of(was[3]) or 0, was[2] or ARGV[4], now)
        buried[#buried + 1] = id
        buried[#buried + 1] = was[5] or ''
      else
        if not was[1] and crashes >= DYING then
          redis.call('HSET', meta, 'dying', ARGV[3], 'reason', ARGV[4])
        end
        if is_apart(crashes, was[1]) then
          place(q, id, number_of(was[6]) or number_of(was[7]) or now, now, true)
        else
          back[#back + 1] = id
        end
        returned, moved = returned + 1, true
      end
    else
      redis.call('DEL', meta)
    end
  end
  put_back(q, back)
  if #expired > 0 then
    redis.call('ZREM', q .. ':leases', unpack(expired))
  end
  if moved then
    wake(q)
  end
end

local old = redis.call('ZRANGE', root .. ':graves', '-inf', '(' .. string.format('%.0f', now - ARGV[2]), 'BYSCORE', 'LIMIT', 0, STEP)
local surplus = redis.call('ZCARD', root .. ':graves') - #old - ARGV[1]
for _, grave in ipairs(old) do
  forget(grave)
end
surplus = math.min(surplus, STEP)
if surplus > 0 then
  for _, grave in ipairs(redis.call('ZRANGE', root .. ':graves', 0, surplus - 1)) do
    forget(grave)
  end
end
local more = left == 0 or #old == STEP or surplus == STEP
return {returned, more and 1 or 0, unpack(buried)}
