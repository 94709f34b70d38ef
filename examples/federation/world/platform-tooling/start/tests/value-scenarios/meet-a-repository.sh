# Value scenario platform.overview.generate.meet-a-repository
set -eu
overview "$REPOSITORY" > overview.md
test "$(wc -l < overview.md)" -le 60
