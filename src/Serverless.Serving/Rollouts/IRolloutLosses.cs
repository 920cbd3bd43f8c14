namespace Serverless.Serving.Rollouts;

/// <summary>Tells how far labelled answers of a rollout were off, by step and arm.</summary>
public interface IRolloutLosses
{
    Task<IReadOnlyList<StepCounts>> ReadAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken);
}
