using Microsoft.Extensions.Logging;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Hosting;

internal static partial class CloudLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run}: {Task}#{Attempt} is {State}")]
    public static partial void State(ILogger logger, string run, string task, int attempt, TaskState state);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Rollout(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} cannot continue: {Error}")]
    public static partial void Broken(ILogger logger, string what, string error);
}
