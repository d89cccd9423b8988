-- Takes a page of jobs in. ARGV: as take_in has it. Returns: the digits, how many lanes were woken, and the holders of keys.
local digits, holders, woken = take_in(1, domain(redis.call('GET', root .. ':offset')))
return {digits, woken, holders}
