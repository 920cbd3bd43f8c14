using 'main.bicep'

// azd fills in the environment; every other parameter has a default in main.bicep.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param gpu = readEnvironmentVariable('MLOPS_GPU', 'none')
param privateNetwork = bool(readEnvironmentVariable('MLOPS_PRIVATE_NETWORK', 'false'))
param alertEmails = filter(split(readEnvironmentVariable('MLOPS_ALERT_EMAILS', ''), ','), address => !empty(address))
param monthlyBudget = int(readEnvironmentVariable('MLOPS_MONTHLY_BUDGET', '50'))
param entraClientId = readEnvironmentVariable('MLOPS_ENTRA_CLIENT_ID', '')
param githubWebhookSecret = readEnvironmentVariable('MLOPS_GITHUB_WEBHOOK_SECRET', '')
param githubToken = readEnvironmentVariable('MLOPS_GITHUB_TOKEN', '')
param admins = filter(split(readEnvironmentVariable('MLOPS_ADMINS', ''), ','), name => !empty(name))
