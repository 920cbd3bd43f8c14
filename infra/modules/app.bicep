// The app on Flex Consumption: no instances while idle.
param name string
param planName string
param location string
param tags object
param identityId string
param identityClientId string
param storageName string
param insightsName string
param jobId string
param gpuJobId string
param gpu string
param jobContainer string
param admins string[]
param vaultUri string
param subnetId string
param instanceMemoryMB int
param maximumInstances int
param entraClientId string
param hasWebhookSecret bool
param hasGithubToken bool

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}packages'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: { instanceMemoryMB: instanceMemoryMB, maximumInstanceCount: maximumInstances }
    }
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled' }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        AZURE_CLIENT_ID: identityClientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        MLOPS_JOBS_RESOURCE_ID: jobId
        MLOPS_JOBS_CONTAINER: jobContainer
        MLOPS_WORKSPACE_POLICY: 'by-admin'
        MLOPS_ADMINS: join(admins, ',')
        AzureWebJobsDisableHomepage: 'true'
        // 200 MB per request. The host's default limit is 100 MB.
        FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '209715200'
      },
      empty(gpuJobId) ? {} : { 'MLOPS_JOBS_RESOURCE_ID_${toUpper(gpu)}': gpuJobId },
      hasWebhookSecret
        ? { MLOPS_GITHUB_WEBHOOK_SECRET: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/github-webhook-secret)' }
        : {},
      hasGithubToken ? { MLOPS_GITHUB_TOKEN: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/github-token)' } : {}
    )
  }

  // The platform validates tokens and passes the claims to the app, which requires them below /entra. The other paths are guarded by
  // function keys, which this setting must let through.
  resource signIn 'config' = if (!empty(entraClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: entraClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: { allowedAudiences: [entraClientId, 'api://${entraClientId}'] }
        }
      }
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
