namespace Serverless.Automation.Retention;

/// <summary>Retention periods of data that is deleted automatically.</summary>
public sealed record RetentionOptions
{
    /// <summary>The minimum for predictions. Rollouts and performance triggers need the data.</summary>
    public const int LeastPredictionDays = 8;

    /// <summary>The minimum for events. A corrected clock may refer to them.</summary>
    public const int LeastEventDays = 7;

    public const int MostDays = 3650;

    /// <summary>How long predictions and their labels are kept.</summary>
    public int PredictionDays { get; init; } = 365;

    /// <summary>How long processed events, uploads that left the inbox, and ended alerts are kept.</summary>
    public int EventDays { get; init; } = 90;
}
