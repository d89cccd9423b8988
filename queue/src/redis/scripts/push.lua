-- Takes a page of jobs in. ARGV: the lane, then as take_in has it. Returns: the digits, whether sleepers were woken, and the
-- holders of keys.
local digits, holders, woken = take_in(ARGV[1], 2)
return {digits, woken, holders}
