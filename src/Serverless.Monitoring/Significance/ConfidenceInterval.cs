namespace Serverless.Monitoring.Significance;

/// <summary>A two-sided confidence interval.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="Level">How often such intervals hold the true value: 0.95, say.</param>
public sealed record ConfidenceInterval(double Lower, double Upper, double Level);
