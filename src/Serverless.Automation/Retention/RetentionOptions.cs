namespace Serverless.Automation.Retention;

/// <summary>How long is kept what nobody deletes by hand.</summary>
public sealed record RetentionOptions
{
    /// <summary>Less would take rollouts and performance triggers what they look at.</summary>
    public const int LeastPredictionDays = 8;

    /// <summary>Less would forget what a clock that is set right again may ask about.</summary>
    public const int LeastEventDays = 7;

    public const int MostDays = 3650;

    /// <summary>Predictions and their labels.</summary>
    public int PredictionDays { get; init; } = 365;

    /// <summary>Answered events, uploads that are in the inbox no more, and alerts that ended.</summary>
    public int EventDays { get; init; } = 90;
}
