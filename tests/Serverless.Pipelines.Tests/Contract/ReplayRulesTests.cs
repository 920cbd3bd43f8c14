using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using Xunit.Sdk;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>The replaying engine catches what a durable engine would break on; otherwise its suites prove nothing.</summary>
public sealed class ReplayRulesTests(AzuriteFixture azurite)
{
    private static readonly PipelineResult Done = new(RunStatus.Finished, new Dictionary<string, TaskResult>(), null);

    [Fact]
    public async Task Work_on_another_thread_is_caught() =>
        Assert.NotEmpty(
            await BreakAsync(async context =>
            {
                await Task.Run(() => { });
                await context.DelayAsync("a", TimeSpan.FromSeconds(1), CancellationToken.None);
            })
        );

    [Fact]
    public async Task Leaving_the_orchestrators_context_is_caught() =>
        Assert.NotEmpty(
            await BreakAsync(async context =>
            {
                // The fault that the test plants: the continuation leaves the orchestrator's context.
                await context.DelayAsync("a", TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
                await context.DelayAsync("b", TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
            })
        );

    [Fact]
    public async Task A_pass_that_differs_from_the_one_before_is_caught()
    {
        var passes = 0;
        Assert.Contains(
            "Not deterministic",
            await BreakAsync(async context =>
            {
                passes++;
                await context.DelayAsync("a", TimeSpan.FromSeconds(passes), CancellationToken.None);
            })
        );
    }

    [Fact]
    public async Task A_timer_left_behind_is_caught() =>
        Assert.Contains(
            "left behind",
            await BreakAsync(async context =>
                await Task.WhenAny(
                    context.DelayAsync("a", TimeSpan.FromSeconds(1), CancellationToken.None),
                    context.DelayAsync("b", TimeSpan.FromDays(1), CancellationToken.None)
                )
            )
        );

    [Fact]
    public async Task Waiting_for_what_nobody_will_ever_do_is_caught() =>
        Assert.Contains("knows nothing of", await BreakAsync(_ => new TaskCompletionSource().Task));

    private async Task<string> BreakAsync(Func<IOrchestrationContext, Task> orchestrator)
    {
        await using var engine = new ReplayEngineUnderTest(await azurite.OpenStoreAsync());
        var e = await Assert.ThrowsAnyAsync<XunitException>(() =>
            engine.RunAsync(
                async context =>
                {
                    await orchestrator(context);
                    return Done;
                },
                new ContractScript()
            )
        );
        return e.Message;
    }
}
