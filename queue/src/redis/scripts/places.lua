-- Where a job waits: `active` if it is due, `scheduled` if not, `suspects` if it runs apart, and among the dead.

local function is_apart(crashes, dying)
  return dying or (number_of(crashes) or 0) >= SUSPECT
end

-- Puts a job that no worker holds where it belongs.
local function place(q, id, due, now, apart)
  if apart then
    redis.call('ZADD', q .. ':suspects', due, id)
  elseif due <= now then
    redis.call('RPUSH', q .. ':active', id)
  else
    redis.call('ZADD', q .. ':scheduled', due / 1000, id)
  end
end

-- Puts jobs back where they came from: before all others, in their order.
local function put_back(q, ids)
  local reversed = {}
  for i = #ids, 1, -1 do
    reversed[#reversed + 1] = ids[i]
  end
  if #reversed > 0 then
    redis.call('LPUSH', q .. ':active', unpack(reversed))
  end
end

-- Lets go of a unique key if it is still this job's.
local function release(q, id, key)
  if key and key ~= '' and redis.call('GET', q .. ':idempotency:' .. key) == id then
    redis.call('DEL', q .. ':idempotency:' .. key)
  end
end

-- Moves a job to the dead. The stock set holds the id, `graves` the order of the burials over all lanes.
local function bury(lane, id, key, attempts, reason, now)
  local q = root .. ':' .. lane
  local grave = string.format('%016d:%s:%s', redis.call('INCR', root .. ':burials'), lane, id)
  release(q, id, key)
  redis.call('SADD', q .. ':dead', id)
  redis.call('ZADD', root .. ':graves', now, grave)
  redis.call('HDEL', q .. ':meta:' .. id, 'dying', 'crashes', 'unknown', 'due')
  redis.call('HSET', q .. ':meta:' .. id, 'status', 'Killed', 'attempts', attempts, 'reason', reason, 'died', now,
    'grave', grave)
end
