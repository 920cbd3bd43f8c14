// Sends notices at 80 % and 100 % of the monthly budget, and when the forecast exceeds it. Does not stop anything.
param name string
param amount int
param start string
param emails string[]
param actionGroupId string

var notice = { enabled: true, operator: 'GreaterThanOrEqualTo', contactEmails: emails, contactGroups: [actionGroupId] }

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: start }
    notifications: {
      nearly: union(notice, { threshold: 80, thresholdType: 'Actual' })
      spent: union(notice, { threshold: 100, thresholdType: 'Actual' })
      forecast: union(notice, { threshold: 100, thresholdType: 'Forecasted' })
    }
  }
}
