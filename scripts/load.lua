-- Requests of scripts/load-test for wrk: a CSV file each, with a count of the statuses.
local file = assert(io.open(os.getenv("BODY")))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "text/csv"

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   accepted, refused, others = 0, 0, 0
end

function response(status)
   if status == 200 then
      accepted = accepted + 1
   elseif status == 503 then
      refused = refused + 1
   else
      others = others + 1
   end
end

function done()
   local sums = { accepted = 0, refused = 0, others = 0 }
   for _, thread in ipairs(threads) do
      for name in pairs(sums) do
         sums[name] = sums[name] + thread:get(name)
      end
   end
   print(string.format("status 200: %d, status 503: %d, other statuses: %d", sums.accepted, sums.refused, sums.others))
end
