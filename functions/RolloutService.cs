using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Api;

namespace Serverless.Functions;

/// <summary>
/// While an instance answers for models it writes what it counted and reacts to breakers itself; the tick alone would be minutes late.
/// </summary>
internal sealed class RolloutService(Workspaces workspaces, ILogger<RolloutService> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => workspaces.RunRolloutsAsync(line => RolloutLog.Line(logger, line), stoppingToken);
}

internal static partial class RolloutLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Line(ILogger logger, string line);
}
