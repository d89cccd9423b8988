-- Takes jobs in: for each lane, id, name, unique key or nothing, payload, delay, trace or nothing. A key is held by whoever has it first, for
-- as long as that job exists. Returns the digits (1 inserted, 2 the same push again, 0 duplicate) and the holders of keys.
local function take_in(first, now)
  local digits, holders, ready, soonest = {}, {}, {}, {}
  for i = first, #ARGV, 7 do
    local id, key, delay = ARGV[i + 1], ARGV[i + 3], tonumber(ARGV[i + 5])
    local q = root .. ':' .. ARGV[i]
    local holder = false
    if key ~= '' then
      local name = q .. ':idempotency:' .. key
      holder = redis.call('SET', name, id, 'NX', 'GET')
      if holder and holder ~= id and redis.call('HEXISTS', q .. ':data', holder) == 0 then
        redis.call('SET', name, id)
        holder = false
      end
    end
    if holder and holder ~= id then
      digits[#digits + 1] = '0'
      holders[#holders + 1] = holder
    elseif redis.call('HSETNX', q .. ':data', id, ARGV[i + 4]) == 0 then
      digits[#digits + 1] = '2'
    else
      digits[#digits + 1] = '1'
      local meta = {'attempts', '0', 'max_attempts', '25', 'status', 'Pending', 'name', ARGV[i + 2], 'created', now}
      if key ~= '' then
        meta[11], meta[12] = 'idempotency_key', key
      end
      if ARGV[i + 6] ~= '' then
        meta[#meta + 1] = 'trace'
        meta[#meta + 1] = ARGV[i + 6]
      end
      if delay > 0 then
        local due = now + delay
        meta[#meta + 1] = 'due'
        meta[#meta + 1] = due
        redis.call('ZADD', q .. ':scheduled', due / 1000, id)
        soonest[q] = math.min(soonest[q] or due, due)
      else
        ready[q] = ready[q] or {}
        table.insert(ready[q], id)
      end
      redis.call('HSET', q .. ':meta:' .. id, unpack(meta))
    end
  end
  local woken = 0
  for q, ids in pairs(ready) do
    redis.call('RPUSH', q .. ':active', unpack(ids))
    woken = woken + wake(q)
  end
  for q, due in pairs(soonest) do
    woken = woken + wake(q, due)
  end
  return table.concat(digits), holders, woken
end
