using System.Net;
using System.Text;
using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Local.Tests;

/// <summary>Serving while its surroundings go: the store is away, the host is stopped.</summary>
public sealed class ServingTests(AzuriteFixture azurite) : HostTest(azurite)
{
    private const string Row = """{"dataframe_records": [{"age": 70, "income": 4900.5, "plan": "pro", "active": true}]}""";

    [Fact]
    public async Task What_waits_for_the_log_is_written_when_the_host_is_stopped()
    {
        var store = await OpenStoreAsync();
        var registry = new ModelRegistry(store, TimeProvider.System);
        await RegisterAsync(registry);
        var host = Start("up", "--port", "0");
        await Eventually.HoldsAsync(() => host.Output.Contains("http://", StringComparison.Ordinal), () => host.Error);
        var url = host.Output.Split(' ').First(w => w.StartsWith("http://", StringComparison.Ordinal));
        using var http = new HttpClient();
        using var answer = await http.PostAsync(
            new Uri($"{url}/w/{Workspace}/models/buys/invocations"),
            new StringContent(Row, Encoding.UTF8, "application/json")
        );

        host.Signal(MlopsProcess.Terminate);
        Assert.Equal(0, (await host.WaitAsync()).ExitCode);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([answer.Headers.GetValues("X-Request-Id").Single()], (await ReadAsync(store, registry)).Requests);
    }

    [Fact]
    public async Task A_file_is_predicted_from_the_command_line()
    {
        await RegisterAsync(new ModelRegistry(await OpenStoreAsync(), TimeProvider.System));
        Folder.Write("rows.csv", "id,age,income,plan,active,label\n7,70,4900.5,pro,true,x\n8,20,,free,false,y\n");

        var ended = await RunAsync("predict", "buys", "rows.csv");
        var missing = await RunAsync("predict", "buys", "rows.csv", "--alias", "nobody");

        Assert.Equal(0, ended.ExitCode);
        var lines = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,age,income,plan,active,label,predicted_label,score", lines[0].TrimEnd());
        Assert.StartsWith("7,70,4900.5,pro,true,x,yes,0.", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("8,20,,free,false,y,no,", lines[2], StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("has no alias 'nobody'", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_store_is_away_loaded_models_answer_and_what_cannot_be_logged_is_counted()
    {
        var time = new SteppedTime();
        await using var server = new OwnAzurite(Folder.At("store"));
        await server.StartAsync();
        var store = await Store.OpenAsync(
            new StorageOptions { ConnectionString = server.ConnectionString, OutageTolerance = TimeSpan.FromSeconds(1) }
        );
        var registry = new ModelRegistry(store, TimeProvider.System);
        var version = await RegisterAsync(registry);
        await using var serving = new ModelServer(
            new ServingOptions
            {
                Registry = registry,
                Store = store,
                Time = time,
                Download = registry.DownloadAsync,
                LogBytes = 4000,
            }
        );
        Predict(await BeginAsync(serving));
        await serving.FlushAsync();
        await server.DisposeAsync();

        // Long after the last look at the registry, so that this one would like to ask it.
        time.Step(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 50; i++)
        {
            using var call = await BeginAsync(serving);
            Assert.Equal(version.Version, call.Version.Version);
            Predict(call);
        }

        await Assert.ThrowsAsync<ServerlessException>(() => serving.FlushAsync());
        var away = serving.LogStats(await IdAsync());
        Assert.Equal(1, away.WrittenRequests);
        Assert.True(away.WaitingRequests > 0 && away.DroppedRequests > 0, away.ToString());
        Assert.Equal(50, away.WaitingRequests + away.DroppedRequests);

        await server.StartAsync();
        await Eventually.HoldsAsync(() => Written(serving, away), () => "what waited is written");
        var back = await ReadAsync(store, registry);
        Assert.Equal(1 + away.WaitingRequests, back.Count);
        Assert.Equal(0, back.UnreadableLines);

        async Task<string> IdAsync() => (await serving.FindAsync("buys")).Model.Id;
    }

    private static bool Written(ModelServer serving, PredictionLogStats away)
    {
        var id = serving.FindAsync("buys").AsTask().GetAwaiter().GetResult().Model.Id;
        var now = serving.LogStats(id);
        return now.WaitingRequests == 0 && now.WrittenRequests == 1 + away.WaitingRequests;
    }

    private static ValueTask<ServingCall> BeginAsync(ModelServer serving) =>
        serving.BeginAsync("buys", VersionQuery.None, serving.Identify(null));

    private static void Predict(ServingCall call)
    {
        using (call)
        {
            call.Predict(
                ServingInput.Of(
                    new Core.Columns.ColumnFrame(
                        Core.Columns.Column.FromIntegers("age", [70L]),
                        Core.Columns.Column.FromNumbers("income", [1.5]),
                        Core.Columns.Column.FromTexts("plan", ["pro"]),
                        Core.Columns.Column.FromBooleans("active", [true])
                    )
                )
            );
        }
    }

    private static async Task<ModelVersion> RegisterAsync(ModelRegistry registry)
    {
        using var folder = new TestFolder();
        var version = await registry.RegisterAsync(
            new RegisterRequest
            {
                Name = "buys",
                ModelDirectory = await TrainedModel.OfCustomersAsync(folder),
                RequestId = Ids.NewId(),
            }
        );
        return await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "buys",
                Version = version.Version,
                Stage = Stage.Production,
                By = "test",
            }
        );
    }

    private static async Task<PredictionWindow> ReadAsync(Store store, ModelRegistry registry)
    {
        var now = TimeProvider.System.GetUtcNow();
        return await new PredictionLog(store).ReadAsync(
            (await registry.Models.GetAsync("buys")).Model.Id,
            new PredictionQuery(now.AddMinutes(-5), now.AddMinutes(5))
        );
    }

    /// <summary>The real time, moved forward at will.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private long ahead;

        public override long GetTimestamp() =>
            System.GetTimestamp() + (Volatile.Read(ref ahead) * TimestampFrequency / TimeSpan.TicksPerSecond);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Volatile.Read(ref ahead));

        public void Step(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);
    }
}
