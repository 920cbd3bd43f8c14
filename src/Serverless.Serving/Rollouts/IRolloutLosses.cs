namespace Serverless.Serving.Rollouts;

/// <summary>Provides the losses of labeled predictions of a rollout, by step and arm.</summary>
public interface IRolloutLosses
{
    Task<IReadOnlyList<StepCounts>> ReadAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken);
}
