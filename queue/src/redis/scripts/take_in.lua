-- Takes jobs of one lane in. ARGV from `first` on: id, name, unique key or nothing, payload, delay, trace or nothing of
-- each. A key is held by whoever has it first, for as long as that job exists. Returns the digits (1 inserted, 2 the same
-- push again, 0 duplicate), the holders of keys, and whether sleepers were woken.
local function take_in(lane, first)
  local q = root .. ':' .. lane
  local data, metas, keys = q .. ':data', q .. ':meta:', q .. ':idempotency:'
  local settings = redis.call('MGET', root .. ':offset', q .. ':waiting')
  local now, sleeper = domain(settings[1]), settings[2]
  local stamp = string.format('%.0f', now)

  -- A page asks once which of its jobs are there, and writes its payloads at once.
  local count, present, taken, loads = (#ARGV - first + 1) / 6, nil, {}, {}
  if count > 1 then
    local ids = {}
    for i = first, #ARGV, 6 do
      ids[#ids + 1] = ARGV[i]
    end
    present = redis.call('HMGET', data, unpack(ids))
  end
  local function is_new(n, id, payload)
    if not present then
      return redis.call('HSETNX', data, id, payload) == 1
    end
    if present[n] or taken[id] then
      return false
    end
    taken[id] = true
    loads[#loads + 1] = id
    loads[#loads + 1] = payload
    return true
  end

  local digits, holders, ready, later, soonest = {}, {}, {}, {}, nil
  for n = 1, count do
    local i = first + 6 * (n - 1)
    local id, key, delay = ARGV[i], ARGV[i + 2], ARGV[i + 4]
    local holder = false
    if key ~= '' then
      holder = redis.call('SET', keys .. key, id, 'NX', 'GET')
      if holder and holder ~= id and not taken[holder] and redis.call('HEXISTS', data, holder) == 0 then
        redis.call('SET', keys .. key, id)
        holder = false
      end
    end
    if holder and holder ~= id then
      digits[n] = '0'
      holders[#holders + 1] = holder
    elseif not is_new(n, id, ARGV[i + 3]) then
      digits[n] = '2'
    else
      digits[n] = '1'
      local meta = {'attempts', '0', 'max_attempts', '25', 'status', 'Pending', 'name', ARGV[i + 1], 'created', stamp}
      if key ~= '' then
        meta[11], meta[12] = 'idempotency_key', key
      end
      if ARGV[i + 5] ~= '' then
        meta[#meta + 1] = 'trace'
        meta[#meta + 1] = ARGV[i + 5]
      end
      if delay == '0' then
        ready[#ready + 1] = id
      else
        local due = now + delay
        meta[#meta + 1] = 'due'
        meta[#meta + 1] = due
        later[#later + 1] = due / 1000
        later[#later + 1] = id
        soonest = math.min(soonest or due, due)
      end
      redis.call('HSET', metas .. id, unpack(meta))
    end
  end
  if #loads > 0 then
    redis.call('HSET', data, unpack(loads))
  end
  if #ready > 0 then
    redis.call('RPUSH', q .. ':active', unpack(ready))
  end
  if #later > 0 then
    redis.call('ZADD', q .. ':scheduled', unpack(later))
  end
  local woken = 0
  if sleeper and #ready > 0 then
    woken = wake(q)
  elseif sleeper and soonest then
    woken = wake(q, soonest)
  end
  return table.concat(digits), holders, woken
end
