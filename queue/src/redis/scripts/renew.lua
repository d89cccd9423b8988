-- Prolongs leases, of whatever lane. ARGV: lease, count, the ids, their tokens. Returns: one digit per id, 0 for a lost one.
local count, until_, digits = tonumber(ARGV[2]), string.format('%.0f', real + ARGV[1]), {}
for i = 1, count do
  digits[i] = '0'
end
for _, lane in ipairs(LANES) do
  local q, held = root .. ':' .. lane, {}
  local fences = redis.call('HMGET', q .. ':fences', unpack(ARGV, 3, 2 + count))
  for i = 1, count do
    local fence, token = fences[i], ARGV[2 + count + i]
    if fence and (fence == token or string.sub(fence, 1, #token + 1) == token .. ' ') then
      digits[i] = '1'
      held[#held + 1] = until_
      held[#held + 1] = ARGV[2 + i]
    end
  end
  if #held > 0 then
    redis.call('ZADD', q .. ':leases', unpack(held))
  end
end
return table.concat(digits)
