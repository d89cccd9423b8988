-- Finish and claim in one step: the heart of the store.
-- ARGV: lane, pump, number, lease, want, may claim a suspect, token, how long the answer is kept,
--   how many are done, their ids, their tokens, then of each other ending
--   id, token, kind, delay, attempts, dying, reason.
-- Returns: one digit per ending (1 applied, 0 stale), ms until the next job is due or -1, the claims' token, the domain's
--   time, then of each claim id, payload, and META as it was.
local lane, number, lease, want, token = ARGV[1], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[7]
local q = root .. ':' .. lane
local record = q .. ':turn:' .. ARGV[2]
local settings = redis.call('MGET', root .. ':offset', q .. ':paused', record)
local now = domain(settings[1])
local applied = ''
if settings[2] then
  want = 0
end

local META = {'name', 'attempts', 'crashes', 'unknown', 'dying', 'created', 'due', 'idempotency_key', 'trace'}
local claimed, payloads, metas = {}, {}, {}

-- A fence is the token of the claim and, after a blank, the unique key.
local function key_of(fence, held)
  if not fence or fence == held then
    return fence == held, nil
  end
  local blank = string.find(fence, ' ', 1, true)
  if blank and string.sub(fence, 1, blank - 1) == held then
    return true, string.sub(fence, blank + 1)
  end
  return false, nil
end

local function finish_done(count, digits)
  local fences = redis.call('HMGET', q .. ':fences', unpack(ARGV, 10, 9 + count))
  local ids, gone, keys, holders, metas_of = {}, {}, {}, {}, q .. ':meta:'
  for i = 1, count do
    local id = ARGV[9 + i]
    local held, key = key_of(fences[i], ARGV[9 + count + i])
    digits[i] = held and '1' or '0'
    if held then
      ids[#ids + 1] = id
      gone[#gone + 1] = metas_of .. id
      if key then
        keys[#keys + 1] = q .. ':idempotency:' .. key
        holders[#holders + 1] = id
      end
    end
  end
  if #ids == 0 then
    return
  end
  if #keys > 0 then
    for i, holder in ipairs(redis.call('MGET', unpack(keys))) do
      if holder == holders[i] then
        gone[#gone + 1] = keys[i]
      end
    end
  end
  redis.call('ZREM', q .. ':leases', unpack(ids))
  redis.call('HDEL', q .. ':fences', unpack(ids))
  redis.call('HDEL', q .. ':data', unpack(ids))
  redis.call('DEL', unpack(gone))
end

-- Puts one job that has been let go of where its ending sends it. Returns when its lane has work by that, if it has.
local function settle(i, key, back)
  local id, kind, meta = ARGV[i], ARGV[i + 2], q .. ':meta:' .. ARGV[i]
  local due, attempts, dying, reason = now + ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]
  if kind == 'dead' then
    bury(lane, id, key, attempts, reason, now)
    return nil
  end
  if kind == 'again' then
    redis.call('HDEL', meta, 'crashes', 'unknown', 'dying', 'reason')
    if dying == '' then
      redis.call('HSET', meta, 'attempts', attempts, 'due', due)
    else
      redis.call('HSET', meta, 'attempts', attempts, 'due', due, 'dying', dying, 'reason', reason)
    end
    place(q, id, due, now, dying ~= '')
    return due
  end
  local was = redis.call('HMGET', meta, 'crashes', 'dying', 'due', 'created', 'unknown')
  local apart = is_apart(was[1], was[2])
  if kind == 'unknown' then
    redis.call('HSET', meta, 'unknown', (number_of(was[5]) or 0) + 1, 'due', due)
    place(q, id, due, now, apart)
    return due
  end
  if apart then
    place(q, id, number_of(was[3]) or number_of(was[4]) or now, now, true)
  else
    back[#back + 1] = id
  end
  return -math.huge
end

local function finish_other(first, digits)
  local ids = {}
  for i = first, #ARGV, 7 do
    ids[#ids + 1] = ARGV[i]
  end
  if #ids == 0 then
    return
  end
  local ours, places, keys, back, soonest = {}, {}, {}, {}, nil
  for n, fence in ipairs(redis.call('HMGET', q .. ':fences', unpack(ids))) do
    local i = first + 7 * (n - 1)
    local held, key = key_of(fence, ARGV[i + 1])
    digits[#digits + 1] = held and '1' or '0'
    if held then
      ours[#ours + 1] = ids[n]
      places[#ours], keys[#ours] = i, key
    end
  end
  if #ours == 0 then
    return
  end
  redis.call('ZREM', q .. ':leases', unpack(ours))
  redis.call('HDEL', q .. ':fences', unpack(ours))
  for n, i in ipairs(places) do
    local due = settle(i, keys[n], back)
    soonest = due and math.min(soonest or due, due) or soonest
  end
  put_back(q, back)
  if soonest then
    wake(q, soonest > -math.huge and soonest or nil)
  end
end

-- Reads jobs and leases them; what has no payload any more is dropped.
local function hand_out(ids)
  if #ids == 0 then
    return
  end
  -- Written out once: a number is turned into text at each call that takes it.
  local until_, leases, fences = string.format('%.0f', real + lease), {}, {}
  local metas_of = q .. ':meta:'
  local loads = redis.call('HMGET', q .. ':data', unpack(ids))
  for i, id in ipairs(ids) do
    local meta = redis.call('HMGET', metas_of .. id, unpack(META))
    local key = meta[8]
    if loads[i] then
      if not meta[6] then
        -- A stock producer's: it counts from its first claim.
        meta[6] = now
        redis.call('HSET', metas_of .. id, 'created', now)
      end
      claimed[#claimed + 1], payloads[#payloads + 1], metas[#metas + 1] = id, loads[i], meta
      leases[#leases + 1] = until_
      leases[#leases + 1] = id
      fences[#fences + 1] = id
      fences[#fences + 1] = (key and key ~= '') and (token .. ' ' .. key) or token
    else
      release(q, id, key)
      redis.call('DEL', metas_of .. id)
    end
  end
  if #claimed > 0 then
    -- In this order: a fence without a lease is nothing, a lease without a fence a crash to come.
    redis.call('HSET', q .. ':fences', unpack(fences))
    redis.call('ZADD', q .. ':leases', unpack(leases))
  end
end

-- Leases what is due, and only then takes it from where it waited: a key that somebody has overwritten fails the call, and
-- what waits is still there.
local function claim()
  local due = redis.call('ZRANGE', q .. ':scheduled', '-inf', now / 1000, 'BYSCORE', 'LIMIT', 0, BATCH)
  if #due > 0 then
    redis.call('RPUSH', q .. ':active', unpack(due))
    redis.call('ZREM', q .. ':scheduled', unpack(due))
  end
  local ids = {}
  if ARGV[6] == '1' then
    ids = redis.call('ZRANGE', q .. ':suspects', '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)
  end
  local suspect, ready = ids[1], {}
  if want > #ids then
    ready = redis.call('LRANGE', q .. ':active', 0, want - #ids - 1)
    for _, id in ipairs(ready) do
      ids[#ids + 1] = id
    end
  end
  hand_out(ids)
  if suspect then
    redis.call('ZREM', q .. ':suspects', suspect)
  end
  if #ready > 0 then
    redis.call('LTRIM', q .. ':active', #ready, -1)
  end
end

-- Gives the answer of this turn once more: with the leases that are still its own.
local function repeat_turn(before)
  token, applied = before[1], before[2]
  local ids, held = {}, {}
  if #before[3] > 0 then
    held = redis.call('HMGET', q .. ':fences', unpack(before[3]))
  end
  for i, id in ipairs(before[3]) do
    if key_of(held[i], token) then
      ids[#ids + 1] = id
    end
  end
  hand_out(ids)
end

local mark = number .. ' '
if settings[3] and string.sub(settings[3], 1, #mark) == mark then
  repeat_turn(cmsgpack.unpack(string.sub(settings[3], #mark + 1)))
else
  local digits, count = {}, tonumber(ARGV[9])
  if count > 0 then
    finish_done(count, digits)
  end
  finish_other(10 + 2 * count, digits)
  applied = table.concat(digits)
  if want > 0 then
    claim()
  end
  if #claimed > 0 or #digits > 0 then
    redis.call('SET', record, mark .. cmsgpack.pack({token, applied, claimed}), 'PX', ARGV[8])
  end
end

-- Whoever gets less than it wants will sleep: until then, unless it is woken.
local next_due = -1
if #claimed < want then
  local at
  if redis.call('EXISTS', q .. ':active') == 1 then
    at = now
  else
    local scheduled = redis.call('ZRANGE', q .. ':scheduled', 0, 0, 'WITHSCORES')
    at = scheduled[2] and math.floor(scheduled[2] * 1000 + 0.5)
  end
  if ARGV[6] == '1' and not (metas[1] and is_apart(metas[1][3], metas[1][5])) then
    local suspect = redis.call('ZRANGE', q .. ':suspects', 0, 0, 'WITHSCORES')
    if suspect[2] and (not at or tonumber(suspect[2]) < at) then
      at = tonumber(suspect[2])
    end
  end
  redis.call('SET', q .. ':waiting', at or '')
  next_due = at and math.max(at - now, 0) or -1
end

local reply = {applied, next_due, token, now}
for i, id in ipairs(claimed) do
  reply[4 + i] = {id, payloads[i], metas[i]}
end
return reply
