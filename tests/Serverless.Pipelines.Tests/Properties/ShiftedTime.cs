namespace Serverless.Pipelines.Tests.Properties;

/// <summary>A clock that is ahead: to it, leases and deadlines of others are over.</summary>
internal sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
