// Private endpoints for storage and registry, with the DNS names that clients already use.
param location string
param tags object
param networkId string
param subnetId string
param storageId string
param storageName string
param registryId string
param registryName string

module blob 'private-endpoint.bicep' = {
  params: {
    name: '${storageName}-blob'
    part: 'blob'
    targetId: storageId
    zone: 'privatelink.blob.${environment().suffixes.storage}'
    location: location
    tags: tags
    networkId: networkId
    subnetId: subnetId
  }
}

module table 'private-endpoint.bicep' = {
  params: {
    name: '${storageName}-table'
    part: 'table'
    targetId: storageId
    zone: 'privatelink.table.${environment().suffixes.storage}'
    location: location
    tags: tags
    networkId: networkId
    subnetId: subnetId
  }
}

module queue 'private-endpoint.bicep' = {
  params: {
    name: '${storageName}-queue'
    part: 'queue'
    targetId: storageId
    zone: 'privatelink.queue.${environment().suffixes.storage}'
    location: location
    tags: tags
    networkId: networkId
    subnetId: subnetId
  }
}

module registry 'private-endpoint.bicep' = {
  params: {
    name: registryName
    part: 'registry'
    targetId: registryId
    zone: 'privatelink${environment().suffixes.acrLoginServer}'
    location: location
    tags: tags
    networkId: networkId
    subnetId: subnetId
  }
}
