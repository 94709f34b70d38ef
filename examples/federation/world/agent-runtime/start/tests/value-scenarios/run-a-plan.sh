# Value scenario agent.runtime.execute.run-a-plan
set -eu
agent plan new report.plan.json
agent plan budget report.plan.json --calls 20
agent run report.plan.json
test "$(agent trace --last | wc -l)" -gt 0
