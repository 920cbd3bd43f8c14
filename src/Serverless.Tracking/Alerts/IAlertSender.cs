namespace Serverless.Tracking.Alerts;

/// <summary>Delivers the alerts that are due in the outbox.</summary>
public interface IAlertSender
{
    /// <summary>Sends every alert that is due.</summary>
    /// <returns>The number of alerts delivered.</returns>
    Task<int> SendAsync(CancellationToken cancellationToken = default);
}
