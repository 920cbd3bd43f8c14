// The topic for the storage account's events. Its subscription (events-subscription.bicep) contains a key that exists only after the code
// is deployed, so the postdeploy hook deploys it.
param name string
param location string
param tags object
param storageName string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: name
  location: location
  tags: tags
  properties: { source: storage.id, topicType: 'Microsoft.Storage.StorageAccounts' }
}

output topicName string = topic.name
