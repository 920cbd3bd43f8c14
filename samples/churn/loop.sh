#!/bin/sh
# Continuous training: uploads four later months of the churn sample, one after the other, and watches what happens.
#
#     samples/churn/loop.sh          # all four
#     samples/churn/loop.sh 2 3      # only these
#
# Month 2 has different customers: version 2 is trained, takes the traffic step by step, and enters Production. Month 3 is like the first
# quarter: nothing starts. Month 4 has scrambled labels: its challenger loses. Month 5 has swapped labels: its challenger looks good in
# the comparison, fails in the canary, and is rolled back.
set -eu
cd "$(dirname "$0")/../.."
if [ -z "${MLOPS:-}" ]; then
  dotnet build src/Serverless.Local -v quiet --nologo
  MLOPS="dotnet src/Serverless.Local/bin/Debug/net10.0/mlops.dll"
fi

$MLOPS run samples/churn # promotes version 1
$MLOPS up --port "${PORT:-7071}" &
up=$!
trap 'kill "$up" 2>/dev/null; wait "$up" 2>/dev/null || true' EXIT

for month in ${*:-2 3 4 5}; do
  echo "== month $month"
  $MLOPS drop "samples/churn/month-$month.csv" --dataset churn
  code=0
  $MLOPS watch churn || code=$? # drift report → run → verdict → canary → Production
  echo "== month $month: exit code $code"
done
