// Role assignments. Each is scoped to a single resource, never to the resource group.
param storageName string
param insightsName string
param registryName string
param jobNames string[]
param appPrincipalId string
param jobPrincipalId string

var builtIn = {
  // The Functions host takes leases on its blobs, which Contributor cannot break.
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  // Expiring links are signed with a user delegation key, because the account has no keys.
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  registryPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource job 'Microsoft.App/jobs@2025-01-01' existing = [for name in jobNames: { name: name }]

// Unlike the built-in operator role, this role cannot read the secrets of a job.
resource jobStarter 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'serverless-ml-job-starter')
  properties: {
    roleName: 'Serverless ML job starter (${resourceGroup().name})'
    description: 'Reads the job of Serverless ML, starts and stops its executions. No change of the job, no secrets.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.App/jobs/read'
          'Microsoft.App/jobs/start/action'
          'Microsoft.App/jobs/stop/action'
          'Microsoft.App/jobs/stop/execution/action'
          'Microsoft.App/jobs/execution/read'
          'Microsoft.App/jobs/executions/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource appStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [builtIn.blobOwner, builtIn.blobDelegator, builtIn.tableContributor, builtIn.queueContributor]: {
    name: guid(storage.id, appPrincipalId, role)
    scope: storage
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource jobStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [builtIn.blobContributor, builtIn.tableContributor, builtIn.queueContributor]: {
    name: guid(storage.id, jobPrincipalId, role)
    scope: storage
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: jobPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, appPrincipalId, builtIn.metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtIn.metricsPublisher)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource jobPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, jobPrincipalId, builtIn.registryPull)
  scope: registry
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtIn.registryPull)
    principalId: jobPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource appJobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in jobNames: {
    name: guid(job[i].id, appPrincipalId, jobStarter.id)
    scope: job[i]
    properties: { roleDefinitionId: jobStarter.id, principalId: appPrincipalId, principalType: 'ServicePrincipal' }
  }
]
