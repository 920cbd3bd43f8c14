// Alerts that need a person: a failed run, a poison message, exceptions in the app.
param environmentName string
param location string
param tags object
param insightsName string
param emails string[]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-mlops-${environmentName}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take('ml-${environmentName}', 12)
    enabled: true
    emailReceivers: [
      for (address, i) in emails: { name: 'person-${i}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

var rules = [
  {
    name: 'failed-runs'
    text: 'A pipeline run failed.'
    query: 'traces | where customDimensions.EventName == "RunFailed" or message startswith "Run failed"'
    severity: 2
  }
  {
    name: 'poison-messages'
    text: 'A message or blob was given up after its last retry and lies in a poison queue.'
    query: 'traces | where message has "poison"'
    severity: 1
  }
  {
    name: 'function-errors'
    text: 'Functions end with an exception.'
    query: 'requests | where success == false and toint(resultCode) !between (400 .. 499)'
    severity: 2
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = [
  for rule in rules: {
    name: 'alert-mlops-${environmentName}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.text
      description: rule.text
      enabled: true
      severity: rule.severity
      scopes: [insights.id]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
      autoMitigate: true
    }
  }
]

output actionGroupId string = people.id
