using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Api.Hosting;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Automation;

/// <summary>
/// While an instance serves models, it writes its counts and reacts to breakers itself. The tick alone would be minutes late.
/// </summary>
internal sealed class RolloutService(Workspaces workspaces, ILogger<RolloutService> logger) : BackgroundService
{
    /// <summary>
    /// The polling interval while no rollout is open, because each poll costs reads. A tripped breaker does not wait for it.
    /// </summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        workspaces.RunRolloutsAsync(line => CloudLog.Rollout(logger, line), stoppingToken, Idle);
}
