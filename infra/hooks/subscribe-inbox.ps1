# Subscribes the app to new blobs of the inbox. The key goes from the app to Event Grid through the deployment, and nowhere else.
$ErrorActionPreference = 'Stop'
foreach ($name in 'AZURE_RESOURCE_GROUP', 'MLOPS_APP_NAME', 'MLOPS_EVENTS_TOPIC', 'MLOPS_URL') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: azd runs this after a deployment." }
}

$key = $null
foreach ($attempt in 1..10) {
    # The key appears when the host has started once with the blob trigger.
    $key = az functionapp keys list -g $env:AZURE_RESOURCE_GROUP -n $env:MLOPS_APP_NAME --query systemKeys.blobs_extension -o tsv 2>$null
    if ($key) { break }
    Write-Host "waiting for the app to start ($attempt of 10)"
    try { Invoke-WebRequest "$env:MLOPS_URL/health" | Out-Null } catch { }
    Start-Sleep -Seconds 15
}
if (-not $key) { throw "The app has no system key 'blobs_extension' yet: open its log stream, then run 'azd hooks run postdeploy' again." }

# A file, since arguments of a process can be read by others on the machine.
$parameters = New-TemporaryFile
try {
    @{
        '$schema' = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#'
        contentVersion = '1.0.0.0'
        parameters = @{
            topicName = @{ value = $env:MLOPS_EVENTS_TOPIC }
            webhookUrl = @{ value = "$env:MLOPS_URL/runtime/webhooks/blobs?functionName=Host.Functions.Inbox&code=$key" }
        }
    } | ConvertTo-Json -Depth 5 | Set-Content $parameters
    az deployment group create -g $env:AZURE_RESOURCE_GROUP -n subscribe-inbox -o none `
        --template-file "$PSScriptRoot/../modules/events-subscription.bicep" --parameters "@$parameters"
    if ($LASTEXITCODE -ne 0) { throw 'The subscription could not be made.' }
} finally {
    Remove-Item $parameters
}
Write-Host 'The inbox starts drift detection by itself now.'
