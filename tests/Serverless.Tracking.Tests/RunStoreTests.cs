using Serverless.Core;
using Serverless.Testing;
using Serverless.Tracking.Experiments;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Tracking.Tests;

public sealed class RunStoreTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private RunStore runs = null!;

    public async ValueTask InitializeAsync() => runs = new RunStore(await azurite.OpenStoreAsync(), TimeProvider.System);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_run_is_found_by_its_id_and_by_what_only_its_id_begins_with()
    {
        var experiment = await runs.Experiments.GetOrCreateAsync("e");
        var first = await CreateAsync(experiment, "aa11" + Ids.NewId()[4..]);
        var second = await CreateAsync(experiment, "aa22" + Ids.NewId()[4..]);

        Assert.Equal(first.Id, (await runs.GetAsync(first.Id)).Id);
        Assert.Equal(second.Id, (await runs.GetAsync("aa2")).Id);
        Assert.Equal(
            (RunStatus.Scheduled, "x", Start),
            ((await runs.GetAsync("aa11")).Status, (await runs.GetAsync("aa11")).Name, (await runs.GetAsync("aa11")).StartTime)
        );
        var ambiguous = await Assert.ThrowsAsync<ServerlessException>(() => runs.GetAsync("aa"));
        Assert.Equal(("Several run IDs begin with aa.", ErrorCodes.InvalidParameterValue), (ambiguous.Message, ambiguous.Code));
    }

    [Theory]
    [InlineData("bb")]
    [InlineData("")]
    [InlineData("no-hex")]
    [InlineData("AA")]
    public async Task A_run_that_is_not_there_is_not_found(string id)
    {
        await CreateAsync(await runs.Experiments.GetOrCreateAsync("e"), "aa" + Ids.NewId()[2..]);

        var e = await Assert.ThrowsAsync<ServerlessException>(() => runs.GetAsync(id));

        Assert.Equal((ErrorCodes.ResourceDoesNotExist, 404), (e.Code, e.Status));
    }

    [Fact]
    public async Task The_newest_pipeline_runs_of_all_experiments_come_first()
    {
        var (a, b) = (await runs.Experiments.GetOrCreateAsync("a"), await runs.Experiments.GetOrCreateAsync("b"));
        foreach (var minute in (int[])[3, 1, 5, 2, 4])
        {
            await CreateAsync(minute % 2 == 0 ? a : b, Ids.NewId(), minute, pipeline: true);
        }

        Assert.Equal([5, 4, 3, 2, 1], (await runs.ListAsync(10)).Select(r => r.StartTime.Minute));
        Assert.Equal([5, 4], (await runs.ListAsync(2)).Select(r => r.StartTime.Minute));
    }

    [Fact]
    public async Task Changes_made_at_the_same_time_all_stay()
    {
        var run = await CreateAsync(await runs.Experiments.GetOrCreateAsync("e"), Ids.NewId());

        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(i =>
                    runs.UpdateAsync(
                        run.ExperimentId,
                        run.Id,
                        r => r with { Tags = new Dictionary<string, string>(r.Tags) { [$"tag{i}"] = $"{i}" } }
                    )
                )
        );

        Assert.Equal(16, (await runs.GetAsync(run.Id)).Tags.Count);
    }

    [Fact]
    public async Task A_change_of_a_run_that_is_not_there_is_an_error()
    {
        var e = await Assert.ThrowsAsync<ServerlessException>(() => runs.UpdateAsync("1", Ids.NewId(), r => r));
        Assert.Equal(404, e.Status);
    }

    [Fact]
    public async Task Sixteen_who_ask_for_an_experiment_at_once_get_the_same_one()
    {
        var found = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => runs.Experiments.GetOrCreateAsync("a name/with | ünusual # characters?"))
        );

        Assert.Single(found.Select(e => e.Id).Distinct());
        Assert.Equal("a name/with | ünusual # characters?", found[0].Name);
        Assert.NotEqual(found[0].Id, (await runs.Experiments.GetOrCreateAsync("another")).Id);
    }

    [Fact]
    public async Task A_run_of_many_values_is_read_as_another_host_left_it()
    {
        var store = await azurite.OpenStoreAsync();
        var (mine, theirs) = (new RunStore(store, TimeProvider.System), new RunStore(store, TimeProvider.System));
        var experiment = await mine.Experiments.GetOrCreateAsync("e");
        var run = await mine.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = experiment.Id,
                Name = "x",
                StartTime = Start,
                Params = Enumerable.Range(0, 500).ToDictionary(i => $"p{i}", i => $"{i}"),
            }
        );

        Assert.Equal("7", (await mine.GetAsync(run.Id)).Params["p7"]);
        await theirs.UpdateAsync(experiment.Id, run.Id, r => r with { Tags = new Dictionary<string, string> { ["by"] = "them" } });
        Assert.Equal("them", (await mine.GetAsync(run.Id)).Tags["by"]);
        await mine.UpdateAsync(experiment.Id, run.Id, r => r with { Status = RunStatus.Finished });
        Assert.Equal((RunStatus.Finished, "them"), ((await theirs.GetAsync(run.Id)).Status, (await mine.GetAsync(run.Id)).Tags["by"]));
    }

    [Fact]
    public async Task What_another_host_removed_is_gone_though_more_changed_since_than_it_tells_of()
    {
        var store = await azurite.OpenStoreAsync();
        var (mine, theirs) = (new RunStore(store, TimeProvider.System), new RunStore(store, TimeProvider.System));
        var experiment = await mine.Experiments.GetOrCreateAsync("e");
        Run Of(int minute) =>
            new()
            {
                Id = Ids.NewId(),
                ExperimentId = experiment.Id,
                Name = "x",
                StartTime = Start.AddMinutes(minute),
            };
        var run = await mine.CreateAsync(Of(0));
        Assert.Single(await mine.ListAsync(experiment.Id));

        await theirs.RemoveAsync(run);
        var others = await Task.WhenAll(Enumerable.Range(1, HostRecord.Remembered + 10).Select(i => theirs.CreateAsync(Of(i))));

        Assert.Equal(others.Select(r => r.Id).Order(), (await mine.ListAsync(experiment.Id)).Select(r => r.Id).Order());
    }

    [Fact]
    public async Task Runs_of_pipelines_are_open_until_they_have_ended()
    {
        var experiment = await runs.Experiments.GetOrCreateAsync("e");
        var tracked = await CreateAsync(experiment, Ids.NewId());
        var pipeline = await CreateAsync(experiment, Ids.NewId(), pipeline: true);

        Assert.Equal([pipeline.Id], (await runs.ListOpenAsync()).Select(r => r.Id));
        var ended = await runs.UpdateAsync(pipeline.ExperimentId, pipeline.Id, r => r with { Status = RunStatus.Finished });
        Assert.Empty(await runs.ListOpenAsync());
        await runs.MarkOpenAsync(ended, false);
        await runs.MarkOpenAsync(ended, false);
        await runs.UpdateAsync(pipeline.ExperimentId, pipeline.Id, r => r with { Status = RunStatus.Scheduled });
        Assert.Empty(await runs.ListOpenAsync());
        await runs.MarkOpenAsync(ended, true);
        Assert.Equal([pipeline.Id], (await runs.ListOpenAsync()).Select(r => r.Id));
        Assert.False(tracked.IsEnded);
    }

    [Fact]
    public void A_name_too_long_for_a_key_keeps_its_beginning_and_stays_itself()
    {
        var (one, other) = (new string('x', 150) + "1", new string('x', 150) + "2");

        Assert.Equal("short", RunKeys.Bounded("short", 140));
        Assert.Equal(140, RunKeys.Bounded(one, 140).Length);
        Assert.NotEqual(RunKeys.Bounded(one, 140), RunKeys.Bounded(other, 140));
        Assert.True(RunKeys.Task(Ids.NewId(), new string('/', 1000), 1).Length <= 512);
    }

    private async Task<Run> CreateAsync(Experiment experiment, string id, int minute = 0, bool pipeline = false)
    {
        var run = new Run
        {
            Id = id,
            ExperimentId = experiment.Id,
            Name = "x",
            Status = RunStatus.Scheduled,
            StartTime = Start.AddMinutes(minute),
            Pipeline = pipeline ? new PipelineRun { Pipeline = "p", DefinitionDigest = "d" } : null,
        };
        await runs.CreateAsync(run);
        return run;
    }
}
