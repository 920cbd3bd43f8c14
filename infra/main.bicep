// Serverless ML in one resource group: a Functions app that costs nothing while idle, keyless storage, container jobs for heavy training,
// and monitoring. Deploy it with `azd up` in this folder. See README.md.
targetScope = 'subscription'

@description('Name of this environment, such as dev or prod. Part of every resource name.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of all resources.')
param location string

@description('Tags for every resource, in addition to the environment.')
param tags object = {}

@description('Email addresses for alerts and budget notices.')
param alertEmails string[] = []

@description('Monthly budget in the currency of the subscription. 0 for no budget.')
@minValue(0)
param monthlyBudget int = 50

@description('First day of the month from which the budget applies.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('GPU of container jobs. Use none for CPU only.')
@allowed(['none', 't4', 'a100'])
param gpu string = 'none'

@description('Default image of container jobs, with the `mlops` launcher. A task can name its own.')
param jobImage string = 'mcr.microsoft.com/k8se/quickstart-jobs:latest'

@description('Private network: storage and registry are only reachable inside a virtual network, which this deployment creates.')
param privateNetwork bool = false

@description('Address range of the virtual network, at least a /24.')
param addressPrefix string = '10.40.0.0/22'

@description('Memory of an app instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Maximum number of app instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@description('Log retention in days.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Application (client) ID of the Entra ID app registration for callers. Leave empty to use function keys.')
param entraClientId string = ''

@description('Sign-in names of the administrators, who may create workspaces and approve. The workspace `default` needs none.')
param admins string[] = []

@description('Secret of the GitHub webhook. If empty, the webhook responds with 503.')
@secure()
param githubWebhookSecret string = ''

@description('Token for writing statuses and comments to GitHub. If empty, none are written.')
@secure()
param githubToken string = ''

var suffix = uniqueString(subscription().id, environmentName, location)
var names = {
  group: 'rg-mlops-${environmentName}'
  storage: 'stmlops${take(suffix, 13)}'
  app: 'func-mlops-${environmentName}-${take(suffix, 6)}'
  plan: 'plan-mlops-${environmentName}'
  appIdentity: 'id-mlops-${environmentName}-app'
  jobIdentity: 'id-mlops-${environmentName}-job'
  logs: 'log-mlops-${environmentName}'
  insights: 'appi-mlops-${environmentName}'
  events: 'evgt-mlops-${environmentName}'
  jobs: 'cae-mlops-${environmentName}'
  job: 'job-mlops-${environmentName}'
  registry: 'crmlops${take(suffix, 13)}'
  vault: 'kv-mlops-${take(suffix, 13)}'
  network: 'vnet-mlops-${environmentName}'
}
var allTags = union(tags, { 'azd-env-name': environmentName, application: 'serverless-ml' })

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: names.group
  location: location
  tags: allTags
}

module identities 'modules/identities.bicep' = {
  scope: group
  params: { appName: names.appIdentity, jobName: names.jobIdentity, location: location, tags: allTags }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: { name: names.network, location: location, tags: allTags, addressPrefix: addressPrefix }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    logsName: names.logs
    insightsName: names.insights
    location: location
    tags: allTags
    retentionDays: logRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: { name: names.storage, location: location, tags: allTags, publicAccess: !privateNetwork }
}

module registry 'modules/registry.bicep' = {
  scope: group
  params: { name: names.registry, location: location, tags: allTags, publicAccess: !privateNetwork }
}

module endpoints 'modules/private-endpoints.bicep' = if (privateNetwork) {
  scope: group
  params: {
    location: location
    tags: allTags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
    storageId: storage.outputs.id
    storageName: names.storage
    registryId: registry.outputs.id
    registryName: names.registry
  }
}

module secrets 'modules/secrets.bicep' = {
  scope: group
  params: {
    name: names.vault
    location: location
    tags: allTags
    readerPrincipalId: identities.outputs.appPrincipalId
    githubWebhookSecret: githubWebhookSecret
    githubToken: githubToken
  }
}

module jobs 'modules/jobs.bicep' = {
  scope: group
  params: {
    environmentName: names.jobs
    jobName: names.job
    location: location
    tags: allTags
    logsName: monitoring.outputs.logsName
    subnetId: privateNetwork ? network!.outputs.jobsSubnetId : ''
    gpu: gpu
    image: jobImage
    identityId: identities.outputs.jobId
    identityClientId: identities.outputs.jobClientId
    registryServer: registry.outputs.server
    storageName: storage.outputs.name
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    storageName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    registryName: registry.outputs.name
    jobNames: jobs.outputs.jobNames
    appPrincipalId: identities.outputs.appPrincipalId
    jobPrincipalId: identities.outputs.jobPrincipalId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: names.app
    planName: names.plan
    location: location
    tags: allTags
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    storageName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    jobId: jobs.outputs.jobId
    gpuJobId: jobs.outputs.gpuJobId
    gpu: gpu
    jobContainer: jobs.outputs.containerName
    admins: admins
    vaultUri: secrets.outputs.uri
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    entraClientId: entraClientId
    hasWebhookSecret: !empty(githubWebhookSecret)
    hasGithubToken: !empty(githubToken)
  }
  // The host reads its storage at startup: without these roles, the first deployment would crash until they take effect.
  dependsOn: [roles]
}

module events 'modules/events.bicep' = {
  scope: group
  params: { name: names.events, location: location, tags: allTags, storageName: storage.outputs.name }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: allTags
    insightsName: monitoring.outputs.insightsName
    emails: alertEmails
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  scope: group
  params: {
    name: 'budget-mlops-${environmentName}'
    amount: monthlyBudget
    start: budgetStart
    emails: alertEmails
    actionGroupId: alerts.outputs.actionGroupId
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output MLOPS_APP_NAME string = app.outputs.name
output MLOPS_URL string = app.outputs.url
output MLOPS_STORAGE_ACCOUNT string = storage.outputs.name
output MLOPS_EVENTS_TOPIC string = events.outputs.topicName
output MLOPS_JOB_NAME string = jobs.outputs.jobName
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.server
