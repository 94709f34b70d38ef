# Value scenario agent.memory.recall.find-a-fact
set -eu
agent remember "The review is on Thursday" --source notes/review.md
agent recall "when is the review" | grep -q 'notes/review.md'
