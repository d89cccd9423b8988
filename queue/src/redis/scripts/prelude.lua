-- What every script begins with: the keys' names and the two clocks, in ms. Leases run on the server's own time, due times
-- on the domain's. The header above it, written by script.rs, holds the engine's constants.
local root = KEYS[1]
local LANES = {'interactive', 'default', 'bulk'}
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)

local function domain(offset)
  return real + (tonumber(offset or 0) or 0)
end

-- Wakes the sleepers of a lane if there are any, and if they would sleep longer than until `due`.
local function wake(q, due)
  local sleeper = redis.call('GET', q .. ':waiting')
  if sleeper and (not due or sleeper == '' or due < tonumber(sleeper)) then
    redis.call('DEL', q .. ':waiting')
    redis.call('PUBLISH', q .. ':wake', '')
    return 1
  end
  return 0
end

-- Returns a due time of the stock layout, which counts in seconds, in ms.
local function to_ms(score)
  return math.floor(score * 1000 + 0.5)
end

-- Lets go of a unique key if it is still this job's.
local function release(q, id, key)
  if key and key ~= '' and redis.call('GET', q .. ':idempotency:' .. key) == id then
    redis.call('DEL', q .. ':idempotency:' .. key)
  end
end
