-- Sends the requests of a file in turn and checks every response that wrk counts.
--
-- Arguments: a file with one `AUTHORITY PATH` in each line; what every response must be, `body:`
-- and the body itself, or `status` (bodies that are too long to be looked at each); `keep-alive` or
-- `close`; and a rate, requests a second, or 0 for as many as get answers.
--
-- With a rate the load is an open loop: requests are due at even distances, whatever became of
-- earlier ones, and latency counts from when they were due. Each tells the endpoint in `x-due`,
-- which sends it back.
--
-- Prints one line of JSON, RESULT {...}: all numbers that wrk knows, and how many responses had
-- another status or body.

local requests = {}
local sent = 0
local threads = {}
wrong = 0
latencies = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do
    local authority, path = line:match('^(%S+) (%S+)$')
    table.insert(requests, wrk.format('GET', path, {
      ['Host'] = authority,
      ['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ['Accept'] = 'text/html,application/json;q=0.9,*/*;q=0.8',
      ['Accept-Language'] = 'en',
      ['Cookie'] = 'session=3f2a9c; theme=light',
      ['Connection'] = args[3] == 'close' and 'close' or nil,
    }))
  end
  local expected = args[2]:match('^body:(.*)$')
  if expected ~= nil then
    function response(status, headers, body)
      if status ~= 200 or body ~= expected then wrong = wrong + 1 end
    end
  end
  if tonumber(args[4]) > 0 then openLoop(tonumber(args[4])) end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

-- Timers of wrk are exact to a millisecond: what leaves so soon after its time was in time.
local inTimeUs = 2000

function openLoop(rate)
  local ffi = require('ffi')
  ffi.cdef('typedef struct { long s, us; } now_t; int gettimeofday(now_t *now, void *zone);')
  local now = ffi.new('now_t')
  local function nowUs()
    ffi.C.gettimeofday(now, nil)
    return tonumber(now.s) * 1e6 + tonumber(now.us)
  end
  local start = nowUs() + 100000
  local planned = 0
  local due = 0
  local next = request
  local check = response

  function delay()
    planned = planned + 1
    return math.max(0, math.ceil((start + planned * 1e6 / rate - nowUs()) / 1000))
  end

  function request()
    due = due + 1
    local time = start + due * 1e6 / rate
    local sentUs = nowUs()
    if sentUs - time < inTimeUs then time = sentUs end
    -- Before the empty line that ends the head.
    return string.format('%sx-due: %.0f\r\n\r\n', next():sub(1, -3), time)
  end

  function response(status, headers, body)
    if check ~= nil then check(status, headers, body) end
    local us = nowUs() - tonumber(headers['x-due'])
    latencies[us] = (latencies[us] or 0) + 1
  end
end

-- Of the open loop, or what wrk has measured.
local function percentiles(latency)
  local counts = threads[1]:get('latencies')
  local times, total = {}, 0
  for us, count in pairs(counts) do
    table.insert(times, us)
    total = total + count
  end
  table.sort(times)
  return function(percent)
    if total == 0 then return latency:percentile(percent) end
    local seen = 0
    for _, us in ipairs(times) do
      seen = seen + counts[us]
      if seen >= total * percent / 100 then return us end
    end
  end
end

function done(summary, latency, all)
  local count = 0
  for _, thread in ipairs(threads) do count = count + thread:get('wrong') end
  local errors = summary.errors
  local at = percentiles(latency)
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"bytes":%.0f,"wrong":%d,"errors":%d,' ..
      '"p50Us":%d,"p99Us":%d,"p999Us":%d}\n',
    summary.requests, summary.duration, summary.bytes, count,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    at(50), at(99), at(99.9)))
end
