using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Api.Hosting;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Automation;

/// <summary>
/// While an instance answers for models it writes what it counted and reacts to breakers itself; the tick alone would be minutes late.
/// </summary>
internal sealed class RolloutService(Workspaces workspaces, ILogger<RolloutService> logger) : BackgroundService
{
    /// <summary>With no rollout open every look costs reads and finds nothing. A breaker that trips is not waited for.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        workspaces.RunRolloutsAsync(line => CloudLog.Rollout(logger, line), stoppingToken, Idle);
}
