-- Forgets dead jobs. ARGV: the ids. Returns: how many.
local count = 0
for _, id in ipairs(ARGV) do
  local _, grave = grave_of(id)
  if grave then
    forget(grave)
    count = count + 1
  end
end
return count
