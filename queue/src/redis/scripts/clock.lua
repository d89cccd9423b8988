-- The two clocks, in ms: leases run on the server's own time, due times on the domain's. Above this, script.rs writes the
-- engine's constants.
local root = KEYS[1]
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)

-- Reads a number of a job's meta, where a stock producer's own metadata lies too, under whatever names it has: what is no
-- number counts as missing, for a script that fails halfway has let go of jobs that it has put nowhere.
local function number_of(text)
  local read = tonumber(text or nil)
  return read and math.abs(read) < 2 ^ 53 and read or nil
end

local function domain(offset)
  return real + (tonumber(offset or 0) or 0)
end
