-- Sends the requests of a file in turn and checks every response that wrk counts.
--
-- Arguments: a file with one `AUTHORITY PATH` in each line, and the body every response must have.
-- Prints one line of JSON, RESULT {...}: all numbers that wrk knows, and how many responses had
-- another status or body.

local requests = {}
local sent = 0
local threads = {}
wrong = 0

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
    }))
  end
  expected = args[2]
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function response(status, headers, body)
  if status ~= 200 or body ~= expected then wrong = wrong + 1 end
end

function done(summary, latency, all)
  local count = 0
  for _, thread in ipairs(threads) do count = count + thread:get('wrong') end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"wrong":%d,"errors":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, count,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
