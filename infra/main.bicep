// Serverless ML in one resource group: a Functions app that costs nothing while idle, its storage without keys, container jobs for
// heavy training, and what watches over them. `azd up` in this folder deploys it; see README.md.
targetScope = 'subscription'

@description('The name of this environment, such as dev or prod: part of every resource name.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('The region of all resources.')
param location string

@description('Tags on every resource, beside the environment.')
param tags object = {}

@description('Addresses that get alerts and budget notices.')
param alertEmails string[] = []

@description('The monthly budget in the currency of the subscription; 0 makes none.')
@minValue(0)
param monthlyBudget int = 50

@description('The first day of the month from which the budget counts.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('The GPU of container jobs; none: CPU only.')
@allowed(['none', 't4', 'a100'])
param gpu string = 'none'

@description('The image of container jobs until a task names its own. It holds the `mlops` launcher.')
param jobImage string = 'mcr.microsoft.com/k8se/quickstart-jobs:latest'

@description('Private network: storage and registry answer only inside of a virtual network that this deployment makes.')
param privateNetwork bool = false

@description('The address range of that network, at least a /24.')
param addressPrefix string = '10.40.0.0/22'

@description('Memory of an instance of the app in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How far the app may scale out.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('The application (client) id of the Entra ID app registration that callers sign in to; empty: function keys.')
param entraClientId string = ''

@description('Who may make workspaces and approve, by the names they sign in with; the workspace `default` needs nobody.')
param admins string[] = []

@description('The secret of the GitHub webhook; empty: the webhook answers 503.')
@secure()
param githubWebhookSecret string = ''

@description('The token with which statuses and comments are written back to GitHub; empty: none are written.')
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
  // The host reads its storage at the start: without these roles the first deployment would crash until they arrive.
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
