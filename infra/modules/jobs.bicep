// Container jobs for heavy training. The app starts each execution with the command and size of one task.
param environmentName string
param jobName string
param location string
param tags object
param logsName string
param subnetId string

@allowed(['none', 't4', 'a100'])
param gpu string
param image string
param identityId string
param identityClientId string
param registryServer string
param storageName string

@description('Maximum duration of an execution in seconds, as a last resort behind the timeout of the task.')
param executionLimit int = 86400

var gpuProfiles = {
  t4: 'Consumption-GPU-NC8as-T4'
  a100: 'Consumption-GPU-NC24-A100'
}
var gpuSizes = {
  t4: { cpu: 8, memory: '56Gi' }
  a100: { cpu: 24, memory: '220Gi' }
}
var container = 'task'

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: logsName
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: environmentName
  location: location
  tags: tags
  properties: {
    // Diagnostic settings instead of the workspace's shared key.
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId, internal: true }
    workloadProfiles: concat(
      [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      gpu == 'none' ? [] : [{ name: gpuProfiles[gpu], workloadProfileType: gpuProfiles[gpu] }]
    )
  }
}

resource toLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: environment
  properties: {
    workspaceId: logs.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

// Starting a job cannot change its profile, so the GPU needs a separate job.
var jobs = concat(
  [{ name: jobName, profile: 'Consumption', size: { cpu: 1, memory: '2Gi' } }],
  gpu == 'none' ? [] : [{ name: '${jobName}-${gpu}', profile: gpuProfiles[gpu], size: gpuSizes[gpu] }]
)

resource job 'Microsoft.App/jobs@2025-01-01' = [
  for one in jobs: {
    name: one.name
    location: location
    tags: tags
    identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
    properties: {
      environmentId: environment.id
      workloadProfileName: one.profile
      configuration: {
        triggerType: 'Manual'
        replicaTimeout: executionLimit
        // The orchestrator retries: it distinguishes infrastructure failures from exit codes.
        replicaRetryLimit: 0
        manualTriggerConfig: { parallelism: 1, replicaCompletionCount: 1 }
        registries: [{ server: registryServer, identity: identityId }]
      }
      template: {
        containers: [
          {
            name: container
            image: image
            // The workload profile provides a whole GPU.
            resources: one.size
            env: [
              { name: 'AzureWebJobsStorage__accountName', value: storageName }
              { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
              { name: 'AZURE_CLIENT_ID', value: identityClientId }
            ]
          }
        ]
      }
    }
  }
]

output jobId string = job[0].id
output jobName string = job[0].name
output gpuJobId string = gpu == 'none' ? '' : resourceId('Microsoft.App/jobs', '${jobName}-${gpu}')
output jobNames string[] = [for (one, i) in jobs: job[i].name]
output containerName string = container
