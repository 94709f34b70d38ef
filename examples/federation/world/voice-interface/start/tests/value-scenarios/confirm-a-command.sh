# Value scenario voice.interface.prompt.confirm-a-command
set -eu
voice listen --from recordings/silence.wav --answer yes | grep -q 'hub silence builds'
