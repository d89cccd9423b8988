-- The dead, one by one.

-- Forgets what a grave holds.
local function forget(grave)
  local lane, id = string.match(grave, '^%d+:(%a+):(.*)$')
  local q = root .. ':' .. lane
  redis.call('ZREM', root .. ':graves', grave)
  redis.call('SREM', q .. ':dead', id)
  redis.call('HDEL', q .. ':data', id)
  redis.call('DEL', q .. ':meta:' .. id)
end

-- Finds the grave of a job, whatever its lane.
local function grave_of(id)
  for _, lane in ipairs(LANES) do
    local grave = redis.call('HGET', root .. ':' .. lane .. ':meta:' .. id, 'grave')
    if grave then
      return lane, grave
    end
  end
end
