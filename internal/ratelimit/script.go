package ratelimit

// takeScript is Limit.take where the budgets are. KEYS[1] is a hash: under "due" the moment at which the budget will be whole again
// but for what is set aside, and under the name of each lease how many requests it holds and until when. Times are in microseconds
// since 1970.
//
// ARGV are interval and span; the time, or nothing for the server's own, which is the same for all daemons; the name of a lease that
// is given back, or nothing, how many of its requests were used, and when a budget would be whole from which only those are missing;
// the name of a new lease, or nothing, which share of what is left it may take (10: a tenth), how many at most, and how long it
// lasts. It returns 1 or 0 for allowed or not, the time, the debt in microseconds, how many requests others have set aside, how many
// the new lease holds, and until when.
//
// A lease that is given back is charged with what was used of it: at most as much as if each request had been charged when it was
// made. Of one whose time is over nobody knows, and it is charged whole. So an answer that gets lost, or a call that is run late,
// costs its sender a few requests for a minute, and never lets more through. What is kept vanishes when the budget is whole. Needs
// Redis 5, where a script may write after it has asked for the time.
const takeScript = `
local interval, span, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local back, used, used_due = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local new, share, most, lasting = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
if not now then
	local time = redis.call('TIME')
	now = time[1] * 1000000 + time[2]
end

local kept = redis.call('HGETALL', KEYS[1])
local due, aside, last = 0, 0, now
for i = 1, #kept, 2 do
	if kept[i] == 'due' then
		due = math.min(tonumber(kept[i + 1]), now + span) -- a clock was turned back
	end
end
local over = 0 -- requests of leases whose time is over
for i = 1, #kept, 2 do
	local name = kept[i]
	if name ~= 'due' then
		local held, till = string.match(kept[i + 1], '^(%d+) (%d+)$')
		held, till = tonumber(held), tonumber(till)
		if name == back then
			used = math.min(used, held)
			if used > 0 then
				due = math.max(due + used * interval, used_due)
			end
			redis.call('HDEL', KEYS[1], name)
		elseif till <= now or till > now + lasting then
			over = over + held
			redis.call('HDEL', KEYS[1], name)
		else
			aside, last = aside + held, math.max(last, till)
		end
	end
end
due = math.max(due, now) + over * interval

local debt = math.min(due - now, span)
local free = math.floor((span - debt) / interval) - aside
local allowed, leased, till = 0, 0, 0
if free >= 1 then
	allowed, debt = 1, debt + interval
	if new ~= '' then
		leased = math.min(math.floor((free - 1) / share), most)
	end
end
if leased > 0 then
	till = now + lasting
	last = till
	redis.call('HSET', KEYS[1], new, string.format('%d %.0f', leased, till))
end
redis.call('HSET', KEYS[1], 'due', string.format('%.0f', now + debt))
redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil((math.max(now + debt, last) - now) / 1000)))
return {allowed, now, debt, aside, leased, till}`
