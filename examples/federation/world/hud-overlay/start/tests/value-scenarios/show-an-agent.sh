# Value scenario hud.overlay.render.show-an-agent
set -eu
hud connect agent.runtime.execute
hud screenshot overlay.png
test -s overlay.png
