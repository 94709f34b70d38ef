# Value scenario privacy.policy.check.judge-a-flow
set -eu
privacy flow new recording.flow.yaml --from device --to server
privacy check recording.flow.yaml | grep -q 'refused: "Voice recordings stay on the device"'
