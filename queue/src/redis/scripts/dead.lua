-- Lists a page of the dead, the latest first. ARGV: only those that died before, or nothing; how many to skip; how many to
-- return. Returns for each: id, lane, name, payload, attempts, reason, when it died.
local latest = ARGV[1] == '' and '+inf' or '(' .. ARGV[1]
local graves = redis.call('ZRANGE', root .. ':graves', latest, '-inf', 'BYSCORE', 'REV', 'LIMIT', ARGV[2], ARGV[3])
for i, grave in ipairs(graves) do
  local lane, id = string.match(grave, '^%d+:(%a+):(.*)$')
  local q = root .. ':' .. lane
  local meta = redis.call('HMGET', q .. ':meta:' .. id, 'name', 'attempts', 'reason', 'died')
  graves[i] = {id, lane, meta[1] or '', redis.call('HGET', q .. ':data', id) or '', meta[2] or '0', meta[3] or '', meta[4] or '0'}
end
return graves
