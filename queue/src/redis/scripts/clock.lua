-- The two clocks, in ms: leases run on the server's own time, due times on the domain's. Above this, script.rs writes the
-- engine's constants.
local root = KEYS[1]
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)

local function domain(offset)
  return real + (tonumber(offset or 0) or 0)
end
