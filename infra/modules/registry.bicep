// The registry for images of container jobs. A private endpoint requires the Premium tier, otherwise Basic is enough.
param name string
param location string
param tags object
param publicAccess bool

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: publicAccess ? 'Basic' : 'Premium' }
  properties: {
    adminUserEnabled: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    // `az acr build` and Container Apps have access as trusted services.
    networkRuleBypassOptions: 'AzureServices'
  }
}

output id string = registry.id
output name string = registry.name
output server string = registry.properties.loginServer
