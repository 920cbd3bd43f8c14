// Two identities: the app has more permissions than a training container.
param appName string
param jobName string
param location string
param tags object

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: appName
  location: location
  tags: tags
}

resource job 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: jobName
  location: location
  tags: tags
}

output appId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output jobId string = job.id
output jobClientId string = job.properties.clientId
output jobPrincipalId string = job.properties.principalId
