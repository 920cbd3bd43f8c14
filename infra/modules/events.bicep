// The topic of the storage account's events. Its subscription carries a key that exists only once the code is deployed:
// events-subscription.bicep, which the hook after the deployment runs.
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
