#!/bin/sh
# Subscribes the app to new blobs of the inbox. The key goes from the app to Event Grid through the deployment, and nowhere else.
set -eu
: "${AZURE_RESOURCE_GROUP:?run by azd after a deployment}" "${MLOPS_APP_NAME:?}" "${MLOPS_EVENTS_TOPIC:?}" "${MLOPS_URL:?}"

key=''
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  # The key appears when the host has started once with the blob trigger.
  key=$(az functionapp keys list -g "$AZURE_RESOURCE_GROUP" -n "$MLOPS_APP_NAME" --query systemKeys.blobs_extension -o tsv 2>/dev/null || true)
  [ -n "$key" ] && break
  echo "waiting for the app to start ($attempt of 10)"
  curl -fsS -o /dev/null "$MLOPS_URL/health" || true
  sleep 15
done
if [ -z "$key" ]; then
  echo "The app has no system key 'blobs_extension' yet: open its log stream, then run 'azd hooks run postdeploy' again." >&2
  exit 1
fi

# A file, since arguments of a process can be read by others on the machine.
umask 077
parameters=$(mktemp)
trap 'rm -f "$parameters"' EXIT
cat > "$parameters" <<JSON
{ "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", "contentVersion": "1.0.0.0",
  "parameters": { "topicName": { "value": "$MLOPS_EVENTS_TOPIC" },
    "webhookUrl": { "value": "$MLOPS_URL/runtime/webhooks/blobs?functionName=Host.Functions.Inbox&code=$key" } } }
JSON
az deployment group create -g "$AZURE_RESOURCE_GROUP" -n subscribe-inbox -o none \
  --template-file "$(dirname "$0")/../modules/events-subscription.bicep" --parameters "@$parameters"
echo "The inbox starts drift detection by itself now."
