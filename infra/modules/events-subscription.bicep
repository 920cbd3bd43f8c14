// A new blob in the inbox calls the app's blob trigger. Deploy it after the code: Azure validates the webhook on creation.
param topicName string

@description('https://APP/runtime/webhooks/blobs?functionName=Host.Functions.Inbox&code=KEY, with the system key `blobs_extension` of the app.')
@secure()
param webhookUrl string

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource inbox 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'inbox'
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: webhookUrl
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/inbox/'
    }
    // Retries for a day. The timer, which scans the inbox, finds events that still fail.
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}
