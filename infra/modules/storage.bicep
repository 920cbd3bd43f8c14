// The store: content by digest, runs, models. Shared keys are disabled: access requires an identity with a role.
param name string
param location string
param tags object
param publicAccess bool

@description('Workspaces whose prediction logs move to cheaper tiers. A lifecycle filter is a prefix, which starts with the workspace.')
param workspaces string[] = ['default']

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: { defaultAction: publicAccess ? 'Allow' : 'Deny', bypass: 'AzureServices' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }

  // mlops: the platform's data. inbox: uploads of new data. packages: the code of the app.
  resource containers 'containers' = [
    for container in ['mlops', 'inbox', 'packages']: {
      name: container
      properties: { publicAccess: 'None' }
    }
  ]
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'

  resource jobEvents 'queues' = {
    name: 'mlops-job-events'
  }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'

  resource named 'tables' = [
    for table in ['mlopsruns', 'mlopsmodels', 'mlopsindex', 'mlopspolicies', 'mlopsdata', 'mlopsserving']: {
      name: table
    }
  ]
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-versions'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob', 'appendBlob'] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: 30 } } }
          }
        }
        {
          name: 'prediction-logs'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['appendBlob']
              prefixMatch: [for workspace in workspaces: 'mlops/${workspace}/predictions/']
            }
            actions: {
              baseBlob: {
                delete: { daysAfterModificationGreaterThan: 365 }
              }
            }
          }
        }
        {
          name: 'task-logs'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['appendBlob']
              prefixMatch: [for workspace in workspaces: 'mlops/${workspace}/logs/']
            }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 365 } } }
          }
        }
        {
          name: 'inbox'
          type: 'Lifecycle'
          definition: {
            // An upload becomes a data version at once. The upload itself is kept for reference.
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['inbox/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

output id string = account.id
output name string = account.name
