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
