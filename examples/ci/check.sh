#!/bin/sh
# Ringcheck in any CI, or by hand: checks the server at $TARGET and leaves reports in $OUT.
#
#   TARGET=ws://127.0.0.1:7000 sh examples/ci/check.sh
set -eu
: "${TARGET:?say which server: TARGET=ws://127.0.0.1:7000}"
: "${SCENARIOS:=scenarios}"
: "${OUT:=ringcheck-reports}"
: "${RATE:=50}"
: "${DURATION:=10s}"
mkdir -p "$OUT"

# 4 where nobody is there or speaks something else: what follows would say no more.
ringcheck doctor --target "$TARGET"

# Every report, whatever it comes to; the exit code is kept for the end.
code=0
ringcheck run "$SCENARIOS" --target "$TARGET" --report jsonl="$OUT/run.jsonl" \
  --report junit="$OUT/junit.xml" --report html="$OUT/run.html" || code=$?

# A little load, where the call flows hold.
if [ "$code" -eq 0 ]; then
  ringcheck flood --target "$TARGET" --rate "$RATE" --duration "$DURATION" --threshold 'violations==0' \
    --report json="$OUT/flood.json" --report html="$OUT/flood.html" || code=$?
fi

case $code in
  0) echo "everything demanded was seen and right" ;;
  1) echo "findings: look at $OUT/run.html" ;;
  3) echo "incomplete: something could not be judged, which is no pass" ;;
  5) echo "the machine was too slow to make the load: a lower RATE, or more cores" ;;
  6) echo "stale: \`ringcheck baseline update\` writes the list of known failures anew" ;;
  *) echo "it could not be checked" ;;
esac
exit "$code"
