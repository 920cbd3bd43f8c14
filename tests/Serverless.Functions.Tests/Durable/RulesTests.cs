using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Xunit.Sdk;

namespace Serverless.Functions.Tests.Durable;

/// <summary>Orchestrators that a durable engine would break on.</summary>
public static class BrokenFunctions
{
    private static int passes;

    [Function("broken-thread")]
    public static async Task ThreadAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CreateTimer(TimeSpan.FromSeconds(1), CancellationToken.None);
#pragma warning disable DURABLE0004 // The fault that the test plants.
        await Task.Run(() => { });
#pragma warning restore DURABLE0004
        await context.CreateTimer(TimeSpan.FromSeconds(1), CancellationToken.None);
    }

    [Function("broken-order")]
    public static async Task OrderAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await context.CreateTimer(TimeSpan.FromSeconds(Interlocked.Increment(ref passes)), CancellationToken.None);

    [Function("broken-size")]
    public static Task SizeAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync("nothing", new string('x', 16 * 1024));

    [Function("broken-wait")]
    public static Task WaitAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        _ = context.GetInput<string>();
        return new TaskCompletionSource().Task;
    }

    [Function("nothing")]
    public static Task NothingAsync([ActivityTrigger] string input) => Task.CompletedTask;
}

/// <summary>The engine in small catches what the real one would break on; otherwise its suites prove nothing.</summary>
public sealed class RulesTests
{
    [Theory]
    [InlineData("broken-thread", "foreign thread|knows nothing of")]
    [InlineData("broken-order", "FireAt")]
    [InlineData("broken-size", "16,384 is the most")]
    [InlineData("broken-wait", "knows nothing of")]
    public async Task What_an_orchestrator_must_not_do_is_caught(string name, string told)
    {
        var world = new DurableWorld(_ => throw new NotSupportedException());
        await world.ScheduleNewOrchestrationInstanceAsync(name, "x", new StartOrchestrationOptions(name));

        var e = await Assert.ThrowsAnyAsync<XunitException>(() => world.EndAsync(name));

        // The foreign thread may come while the pass still runs, or after it: then nobody waits for it any more.
        Assert.Matches(told, e.Message);
    }
}
