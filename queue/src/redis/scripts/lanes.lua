-- For calls that do not say which lane they mean.
local LANES = {'interactive', 'default', 'bulk'}
