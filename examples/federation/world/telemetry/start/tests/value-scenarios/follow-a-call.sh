# Value scenario telemetry.trace.collect.follow-a-call
set -eu
id="$(agent run hello.plan.json --print-trace-id)"
trace show "$id" | grep -q 'agent.runtime.execute'
