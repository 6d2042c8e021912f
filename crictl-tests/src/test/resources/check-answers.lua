-- For wrk: counts answers whose body is not the script's first argument.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  answers = 0
  wrong = 0
  expected = args[1]
end

function response(status, headers, body)
  answers = answers + 1
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local answers, wrong = 0, 0
  for _, thread in ipairs(threads) do
    answers = answers + thread:get("answers")
    wrong = wrong + thread:get("wrong")
  end
  local errors = summary.errors
  io.write(string.format("checked: answers %d wrong %d connect %d read %d write %d timeout %d\n",
    answers, wrong, errors.connect, errors.read, errors.write, errors.timeout))
end
