using Serverless.Core;
using Serverless.Serving.Logging;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>The identity of a request.</summary>
/// <param name="RequestId">The ID that this host gives it.</param>
/// <param name="RequestKey">The key that identifies the caller: the same key gets the same version.</param>
public readonly record struct RequestIdentity(string RequestId, string RequestKey);

/// <summary>Serves registered models: chooses the version, caches loaded models, and notifies observers.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    /// <summary>A tag of the registered model. The value `off` disables its prediction log.</summary>
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

    /// <summary>Chooses the version for requests that name none. Can be replaced at run time.</summary>
    public IVersionChooser Chooser { get; set; }

    public ServingStats Stats { get; } = new();

    /// <summary>The prediction log of all hosts.</summary>
    public PredictionLog Log { get; }

    public FeedbackDesk Feedback { get; }

    /// <summary>The number of outcomes dropped because observers were too slow.</summary>
    public long DroppedOutcomes => pump.Dropped;

    public void AddObserver(IServingObserver observer) => pump.Add(observer);

    /// <summary>The logging statistics of a model on this host.</summary>
    public PredictionLogStats LogStats(string modelId) => writer.CounterOf(modelId).Read();

    /// <summary>Flushes this host's pending predictions to the log.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await pump.DrainAsync(cancellationToken);
        await writer.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Assigns an ID to a request. Without a key from the caller, each request counts as a caller of its own.
    /// </summary>
    public RequestIdentity Identify(string? requestKey)
    {
        var id = ids.Next();
        return new RequestIdentity(id, string.IsNullOrEmpty(requestKey) ? id : requestKey);
    }

    /// <summary>The model's state as cached by this host, at most seconds old while the store is available.</summary>
    public ValueTask<ModelState> FindAsync(string model, CancellationToken cancellationToken = default) =>
        directory.FindAsync(model, cancellationToken);

    /// <summary>Begins a request: chooses and loads the version. The caller ends the request by disposing the call.</summary>
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
            ?? throw ServerlessException.NotFound($"'{model}' has no version {choice.Version}. Available: {VersionQuery.Existing(state)}.");
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

    /// <summary>Whether a model's predictions are logged.</summary>
    public bool IsLogged(ModelState model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return options.LogsPredictions && model.Model.Tags.GetValueOrDefault(LogTag) is not "off";
    }

    /// <summary>Loads a version before its first request.</summary>
    public async Task WarmAsync(string model, int version, CancellationToken cancellationToken = default)
    {
        var state = await directory.FindAsync(model, cancellationToken);
        var found =
            state.Find(version)
            ?? throw ServerlessException.NotFound($"'{model}' has no version {version}. Available: {VersionQuery.Existing(state)}.");
        (await cache.AcquireAsync(new ServedModelKey(state.Model.Id, found), cancellationToken)).Dispose();
    }

    /// <summary>Notifies observers of the remaining outcomes and flushes the log. Later requests are rejected.</summary>
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
