// The private network, with a subnet each for the app, the container jobs and the private endpoints.
param name string
param location string
param tags object
param addressPrefix string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: { addressSpace: { addressPrefixes: [addressPrefix] } }

  resource app 'subnets' = {
    name: 'app'
    properties: {
      addressPrefix: cidrSubnet(addressPrefix, 26, 0)
      // Flex Consumption uses the delegation of Container Apps.
      delegations: [{ name: 'app', properties: { serviceName: 'Microsoft.App/environments' } }]
    }
  }

  resource jobs 'subnets' = {
    name: 'jobs'
    properties: {
      addressPrefix: cidrSubnet(addressPrefix, 26, 1)
      delegations: [{ name: 'jobs', properties: { serviceName: 'Microsoft.App/environments' } }]
    }
    // Azure can change only one subnet of a network at a time.
    dependsOn: [app]
  }

  resource endpoints 'subnets' = {
    name: 'endpoints'
    properties: { addressPrefix: cidrSubnet(addressPrefix, 26, 2) }
    dependsOn: [jobs]
  }
}

output id string = network.id
output appSubnetId string = network::app.id
output jobsSubnetId string = network::jobs.id
output endpointsSubnetId string = network::endpoints.id
