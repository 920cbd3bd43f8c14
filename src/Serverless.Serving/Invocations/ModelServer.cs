using Serverless.Core;
using Serverless.Serving.Logging;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>What a request says of itself.</summary>
/// <param name="RequestId">This host's name for it.</param>
/// <param name="RequestKey">What its caller is recognised by: the same key is answered by the same version.</param>
public readonly record struct RequestIdentity(string RequestId, string RequestKey);

/// <summary>Answers with registered models: chooses the version, keeps models loaded, and tells observers how it went.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    /// <summary>A tag of the registered model: `off` keeps its predictions out of the log.</summary>
    public const string LogTag = "serverless.log_predictions";

    private readonly ServingOptions options;
    private readonly VersionDirectory directory;
    private readonly ServedModelCache cache;
    private readonly ServingPump pump;
    private readonly RequestIds ids;
    private readonly PredictionLogWriter writer;

    public ModelServer(ServingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        Chooser = options.Chooser;
        directory = new VersionDirectory(options.Registry, options.Time);
        cache = new ServedModelCache(new ServedModelLoader(options).LoadAsync, options.CacheBytes, options.Time);
        pump = new ServingPump(options);
        ids = new RequestIds(options.Time);
        writer = new PredictionLogWriter(options.Store.Predictions, options.Time, options.LogBytes);
        pump.Add(writer);
        Log = new PredictionLog(options.Store);
        Feedback = new FeedbackDesk(Log, FlushAsync, options.Time);
    }

    /// <summary>Who decides the version of a request that names none; it may be exchanged while requests come.</summary>
    public IVersionChooser Chooser { get; set; }

    public ServingStats Stats { get; } = new();

    /// <summary>What was asked and answered, on every host.</summary>
    public PredictionLog Log { get; }

    public FeedbackDesk Feedback { get; }

    /// <summary>Outcomes that observers were not told of, because they came faster than those took them in.</summary>
    public long DroppedOutcomes => pump.Dropped;

    public void AddObserver(IServingObserver observer) => pump.Add(observer);

    /// <summary>What became of a model's predictions on the way into the log, on this host.</summary>
    public PredictionLogStats LogStats(string modelId) => writer.CounterOf(modelId).Read();

    /// <summary>Writes to the log what this host still holds.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await pump.DrainAsync(cancellationToken);
        await writer.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Names a request. A caller that gives no key of its own is recognised by nothing, so that each of its requests stands alone.
    /// </summary>
    public RequestIdentity Identify(string? requestKey)
    {
        var id = ids.Next();
        return new RequestIdentity(id, string.IsNullOrEmpty(requestKey) ? id : requestKey);
    }

    /// <summary>The model as this host knows it; at most seconds old while the store answers.</summary>
    public ValueTask<ModelState> FindAsync(string model, CancellationToken cancellationToken = default) =>
        directory.FindAsync(model, cancellationToken);

    /// <summary>Begins to answer: the version is chosen and loaded. Whoever began ends it by disposing the call.</summary>
    public async ValueTask<ServingCall> BeginAsync(
        string model,
        VersionQuery query,
        RequestIdentity identity,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var started = options.Time.GetTimestamp();
        var state = await directory.FindAsync(model, cancellationToken);
        var choice = query.IsPinned
            ? new VersionChoice(query.Find(state).Version, "query", false)
            : await Chooser.ChooseAsync(state, identity.RequestKey, cancellationToken);
        var version =
            state.Find(choice.Version)
            ?? throw ServerlessException.NotFound($"'{model}' has no version {choice.Version}. It has {VersionQuery.Existing(state)}.");
        var key = new ServedModelKey(state.Model.Id, version);
        try
        {
            var lease = await cache.AcquireAsync(key, cancellationToken);
            return new ServingCall(this, key, choice, identity, lease, options.Time.GetTimestamp(), IsLogged(state));
        }
        catch (ServerlessException e)
        {
            Report(
                new ServingOutcome(
                    model,
                    key.ModelId,
                    version.Version,
                    choice,
                    identity.RequestId,
                    identity.RequestKey,
                    options.Time.GetUtcNow(),
                    ServingResult.Failed,
                    e.Code,
                    options.Time.GetElapsedTime(started),
                    0,
                    []
                )
            );
            throw;
        }
    }

    /// <summary>Whether what a model is asked and answers is written down.</summary>
    public bool IsLogged(ModelState model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return options.LogsPredictions && model.Model.Tags.GetValueOrDefault(LogTag) is not "off";
    }

    /// <summary>Loads a version before the first request asks for it.</summary>
    public async Task WarmAsync(string model, int version, CancellationToken cancellationToken = default)
    {
        var state = await directory.FindAsync(model, cancellationToken);
        var found =
            state.Find(version)
            ?? throw ServerlessException.NotFound($"'{model}' has no version {version}. It has {VersionQuery.Existing(state)}.");
        (await cache.AcquireAsync(new ServedModelKey(state.Model.Id, found), cancellationToken)).Dispose();
    }

    /// <summary>Tells observers what is left and writes the log; whoever asks afterwards is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        await pump.DisposeAsync();
        await writer.DisposeAsync();
        await cache.DisposeAsync();
    }

    internal TimeProvider Time => options.Time;

    internal void Report(ServingOutcome outcome)
    {
        Stats.Add(outcome);
        pump.Post(outcome);
    }
}
